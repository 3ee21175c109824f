/** The repository's DDL and its queries as a schema. */

import type { Query } from '../analysis/document.ts';
import type { CandidateIndex } from '../analysis/facts.ts';
import { buildSchema } from '../analysis/sql/build-schema.ts';
import type { Schema, Table } from '../analysis/sql/schema.ts';
import type { EngineId } from '../analysis/sql/statement.ts';
import type { DdlSource } from './ddl-order.ts';

export const declaredSchema = (engine: EngineId, ddl: readonly DdlSource[]): Schema => buildSchema(engine, ddl);
export function inferredSchema(_queries: readonly Query[], _declared: Schema): readonly Table[] {
  return [];
}
export function createTablesSql(_tables: readonly Table[], _engine: EngineId): readonly string[] {
  return [];
}
export function candidateIndexes(_query: Query, _schema: Schema): readonly CandidateIndex[] {
  return [];
}
