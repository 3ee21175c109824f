/** How a statement's plan is asked for; the same for a connected server and for the twin. */
import type { Explained } from '../engine.ts';
import type { Parsed } from './guard.ts';
import { planFrom } from './plan.ts';
import { asFault, isUntypedParameter, rejectionFrom } from './rejection.ts';

/** Runs one statement by the extended protocol and answers the first column of its first row. */
export type Ask = (sql: string) => Promise<unknown>;

const explainWords = 'EXPLAIN (FORMAT JSON) ';

/** No name is used twice: a prepared statement outlives the transaction in which something went wrong. */
let prepared = 0;

/**
 * Plans `sql`, whose guard's answer is `parsed`. With parameters it is prepared and its generic plan is asked for: the plan that serves every value.
 * (`EXPLAIN (GENERIC_PLAN)` would need the simple protocol, which takes several statements in one text.) Throws what is not about the statement.
 */
export async function askPlan(ask: Ask, sql: string, parsed: Pick<Parsed, 'parameters'>): Promise<Explained> {
  const name = `tunelens_${++prepared}`;
  const prefix = parsed.parameters === 0 ? explainWords : `PREPARE ${name} AS `;
  // A comment at the end of the statement must not swallow anything, and nothing follows it; a semicolon may stand there.
  const sent = prefix + sql;
  try {
    if (parsed.parameters === 0) return { outcome: 'planned', plan: planFrom(await ask(sent)) };
    await ask(sent);
  } catch (error) {
    const fault = asFault(error);
    if (fault === undefined || notTheStatement(fault.code)) throw error;
    if (isUntypedParameter(fault))
      return { outcome: 'refused', reason: `The type of a parameter cannot be told from the text alone (${fault.message}).` };
    return { outcome: 'rejected', rejection: rejectionFrom(fault, sent, prefix.length) };
  }
  try {
    const values = Array.from({ length: parsed.parameters }, () => 'NULL').join(', ');
    const plan = planFrom(await ask(`${explainWords}EXECUTE ${name}(${values})`));
    await ask(`DEALLOCATE ${name}`);
    return { outcome: 'planned', plan };
  } catch (error) {
    const fault = asFault(error);
    if (fault === undefined || notTheStatement(fault.code)) throw error;
    return { outcome: 'rejected', rejection: rejectionFrom(fault, '', 0) };
  }
}

/** Cancelled, locked, out of resources, gone: classes 53, 55, 57, 58, 08 and XX, and a transaction that failed before. Missing rights are the connection's matter too. */
const notTheStatement = (code: string): boolean => /^(?:53|55|57|58|08|XX|25)/.test(code) || code === '42501';
