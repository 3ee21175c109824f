import { blocksOf } from '../../advisor/blocks.ts';
import { includesName, message } from '../../advisor/wording.ts';
import type { Document, Query } from '../../document.ts';
import type { FactTypes, Rejection } from '../../facts.ts';
import { rule } from '../../rule.ts';
import type { Span } from '../../span.ts';
import { findTable, type Schema } from '../../sql/schema.ts';

export const engineRejects = rule({
  id: 'sql/engine-rejects',
  severity: 'error',
  on: 'query',
  needs: ['rejection'],
  wants: ['schema'],
  *check({ document, query }, { rejection: fact, schema }) {
    const { rejection } = fact;
    if (!isCertain(query, fact) && !isTooEarly(document, query, fact, schema?.schema)) return;
    yield {
      span: placeIn(query, rejection),
      message: message(`${engineNames[query.dialect] ?? 'The engine'} refuses this: ${rejection.message}`),
      evidence: {
        grade: fact.grade,
        source: fact.source,
        notes: [`${rejection.code}: ${rejection.message}`, ...(rejection.hint === undefined ? [] : [rejection.hint])],
      },
    };
  },
});

const engineNames: Readonly<Record<string, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL' };

/** The engine does not always say where: then what the statement builds, or what it refers to, is marked and not all of it. */
function placeIn({ statement, span }: Query, rejection: Rejection): Span {
  if (rejection.span.start > span.start || rejection.span.end < span.end) return rejection.span;
  if (statement.kind === 'create table') {
    const name = rejection.name?.slice(rejection.name.lastIndexOf('.') + 1).toLowerCase();
    const references = [...statement.columns, ...statement.constraints].flatMap((part) => part.references ?? []);
    return references.find(({ table }) => table.text.toLowerCase() === name)?.table.span ?? statement.name.span;
  }
  if (statement.kind === 'create index') return statement.name?.span ?? rejection.span;
  if (statement.kind === 'create view') return statement.name.span;
  return statement.kind === 'alter table' ? statement.table.span : rejection.span;
}

/** SQLSTATEs that a statement earns by itself, whatever else the database holds. PostgreSQL documentation, appendix A. */
const certainStates: ReadonlySet<string> = new Set([
  '42601', // syntax_error
  '42803', // grouping_error
  '42P20', // windowing_error
  '42P19', // invalid_recursion
  '42804', // datatype_mismatch
  '42702', // ambiguous_column
  '42701', // duplicate_column
  '42712', // duplicate_alias
  '42P10', // invalid_column_reference: ON CONFLICT without a unique index, ORDER BY a position that is not there
  '42P16', // invalid_table_definition
  '42830', // invalid_foreign_key
  '42611', // invalid_column_definition
  '42809', // wrong_object_type
  '42846', // cannot_coerce
  '22P02', // invalid_text_representation: 'abc' for an integer
  '22007', // invalid_datetime_format
  '22008', // datetime_field_overflow
]);

/** SQLite has one code for most errors, so its words tell them apart: these depend on what the application registers or builds. */
const uncertainWords =
  /already exists|duplicate column name: |^no such |already another table|not authorized|no query solution|malformed|unsupported file|unable to|locked|read-?only|too many|interrupted|^unknown database|non-deterministic/i;

function isCertain(query: Query, { rejection, inferred }: FactTypes['rejection']): boolean {
  if (rejection.kind === 'unknown-relation' || rejection.kind === 'unknown-column' || rejection.kind === 'unknown-function') {
    // An operator that does not take these types: PostgreSQL reports it as a function that it does not know.
    return (
      rejection.code === '42883' &&
      rejection.message.startsWith('operator') &&
      onDeclaredTables(query, inferred) &&
      query.holes.length === 0
    );
  }
  // What an interpolation stands for is guessed: a syntax error beside one may be the guess's.
  if (rejection.kind === 'syntax') return query.holes.length === 0;
  if (!onDeclaredTables(query, inferred)) return false;
  if (query.dialect === 'sqlite') return !uncertainWords.test(rejection.message);
  return certainStates.has(rejection.code);
}

/** What builds the schema names a table that its own file creates further down. */
function isTooEarly(
  document: Document,
  { from, statement, span }: Query,
  { rejection }: FactTypes['rejection'],
  schema: Schema | undefined,
): boolean {
  const builds = statement.kind.startsWith('create') || statement.kind === 'alter table';
  if (!builds || from !== 'file' || rejection.kind !== 'unknown-relation' || rejection.name === undefined || schema === undefined)
    return false;
  const declared = findTable(schema, rejection.name.slice(rejection.name.lastIndexOf('.') + 1))?.declared;
  return declared?.path === document.path && declared.span.start > span.end;
}

/** The types of a table that only queries mention are unknown, so nothing that rests on them is certain. */
function onDeclaredTables(query: Query, inferred: readonly string[]): boolean {
  if (inferred.length === 0) return true;
  const { statement } = query;
  const target = statement.kind === 'insert' ? [statement.table] : [];
  const used = [...target, ...blocksOf(statement).flatMap((block) => block.tables)];
  return !used.some((item) => item.name !== undefined && includesName(inferred, item.name.text));
}
