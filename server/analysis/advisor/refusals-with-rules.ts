/** Refusals of PostgreSQL that a rule of their own explains: what merely repeats the engine is silent about them. */
import type { Rejection } from '../facts.ts';

export type ExplainedRefusal = 'partition key' | 'concurrently' | 'matview' | 'immutable';

/** PostgreSQL gives one code to many of its refusals, so its words tell them apart; a server that speaks another language is not understood. */
export function explainedRefusal({ code, message }: Rejection): ExplainedRefusal | undefined {
  if (code === '0A000') {
    if (
      /^(?:unique|exclusion) constraint on partitioned table must include|^unsupported .+ constraint with partition key definition/.test(
        message,
      )
    )
      return 'partition key';
    if (/^cannot (?:create index on partitioned table|drop partitioned index) .+ concurrently/.test(message)) return 'concurrently';
  }
  if (code === '55000' && /^cannot refresh materialized view .+ concurrently/.test(message)) return 'matview';
  if (code === '42P17' && /^functions in index (?:predicate|expression) must be marked IMMUTABLE/.test(message)) return 'immutable';
  return undefined;
}
