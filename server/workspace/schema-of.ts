/** The repository's DDL and its queries as a schema. */

import type { Query } from '../analysis/document.ts';
import type { CandidateIndex } from '../analysis/facts.ts';
import type { Schema, Table } from '../analysis/sql/schema.ts';
import type { EngineId } from '../analysis/sql/statement.ts';
import type { DdlSource } from './ddl-order.ts';

export function declaredSchema(engine: EngineId, ddl: readonly DdlSource[]): Schema {
  const tables: Table[] = ddl.flatMap(({ path, query: { statement } }) =>
    statement.kind !== 'create table'
      ? []
      : [
          {
            name: statement.name.name.text,
            columns: statement.columns.map((column) => ({ name: column.name.text, type: column.type, notNull: column.notNull })),
            primaryKey: statement.columns.filter((column) => column.primaryKey).map((column) => column.name.text),
            foreignKeys: [],
            kind: 'table' as const,
            inferred: false,
            declared: { path, span: statement.span },
          },
        ],
  );
  return { engine, tables, indexes: [] };
}
export function inferredSchema(_queries: readonly Query[], _declared: Schema): readonly Table[] {
  return [];
}
export function createTablesSql(_tables: readonly Table[], _engine: EngineId): readonly string[] {
  return [];
}
export function candidateIndexes(_query: Query, _schema: Schema): readonly CandidateIndex[] {
  return [];
}
