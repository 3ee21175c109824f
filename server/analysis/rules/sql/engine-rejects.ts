import { blocksOf } from '../../advisor/blocks.ts';
import { declaringFiles } from '../../advisor/declarations.ts';
import { isForeign, isForeignFile, isTemplateSign } from '../../advisor/foreign-dialect.ts';
import { isOfItsDay, isTest } from '../../advisor/one-off.ts';
import { explainedRefusal } from '../../advisor/refusals-with-rules.ts';
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
  wants: ['schema', 'calls', 'documents'],
  applies: ({ document, query }) => !isTest(document, query),
  *check({ document, query }, { rejection: fact, schema, calls, documents }) {
    const { rejection } = fact;
    // What a rule of its own explains.
    if (query.dialect === 'postgres' && explainedRefusal(rejection) !== undefined) return;
    if (fact.grade !== 'live' && !isSql(document, query, calls)) return;
    if (!isCertain(document, query, fact, documents ?? []) && !isTooEarly(document, query, fact, schema?.schema)) return;
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
  if (statement.kind === 'other' && statement.names[0] !== undefined) return statement.names[0].span;
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
  '25001', // active_sql_transaction: what cannot run inside a transaction
]);

/** Those that the type of a value decides. */
const typeStates: ReadonlySet<string> = new Set(['42804', '42809', '42846', '22P02', '22007', '22008', '42P10']);

/** SQLite has one code for most errors, so its words tell them apart: these depend on what the application registers or builds. */
const uncertainWords =
  /already exists|duplicate column name: |^no such |already another table|not authorized|no query solution|malformed|unsupported file|unable to|locked|read-?only|too many|interrupted|^unknown database|non-deterministic/i;

function isCertain(
  document: Document,
  query: Query,
  { rejection, inferred, grade }: FactTypes['rejection'],
  documents: readonly Document[],
): boolean {
  const engine = query.dialect === 'sqlite' ? 'sqlite' : 'postgres';
  if (grade !== 'live' && (isForeign(query.sql, engine) || (rejection.kind === 'syntax' && isForeignFile(document, engine)))) return false;
  // A migration's own statements saw the tables of their day.
  const builds = query.statement.kind.startsWith('create') || query.statement.kind === 'alter table';
  if (grade !== 'live' && rejection.kind !== 'syntax' && !builds && isOfItsDay(document, query)) return false;
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
  if (rejection.kind === 'syntax') {
    // A text that ends too early is still being typed, or put together from pieces.
    const unfinished = /end of input|incomplete input/.test(rejection.message) && query.from === 'literal';
    return query.holes.length === 0 && !unfinished && !isTemplateSign(rejection.message);
  }
  if (!onDeclaredTables(query, inferred)) return false;
  // Which version of a table the statement meant is not known where several are written down.
  if (grade !== 'live' && tablesIn(query).some((name) => declaringFiles(name, documents) > 1)) return false;
  // An enumeration's values change with the migrations.
  if (/\benum\b/.test(rejection.message)) return false;
  if (query.dialect === 'sqlite') return !uncertainWords.test(rejection.message);
  // feature_not_supported is what PostgreSQL answers where it never will: a unique key that leaves out the partition key.
  // About anything else, the embedded build may lack what a server has.
  if (rejection.code === '0A000') return /\bpartition/.test(rejection.message);
  // invalid_parameter_value, invalid_object_definition: a name that no version has, or an expression that changes.
  if (rejection.code === '22023') return /^unrecognized parameter "/.test(rejection.message);
  if (rejection.code === '42P17')
    return /^(?:functions in partition key expression|generation expression|empty range bound|partition ".+" would overlap|every hash partition modulus)/.test(
      rejection.message,
    );
  // The types of a function's variables are not known here.
  if (query.within !== undefined && query.holes.length > 0 && typeStates.has(rejection.code)) return false;
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
  return !tablesIn(query).some((name) => includesName(inferred, name));
}

function tablesIn({ statement }: Query): readonly string[] {
  const target = statement.kind === 'insert' ? [statement.table] : [];
  return [...target, ...blocksOf(statement).flatMap((block) => block.tables)].flatMap((item) => item.name?.text ?? []);
}

/** A string in code is a statement when it is handed to a database, or kept under a name for that. */
function isSql(document: Document, query: Query, calls: FactTypes['calls'] | undefined): boolean {
  if (query.from === 'file' || query.name !== undefined) return true;
  if (query.call === undefined) return false;
  return calls === undefined || calls.reach(document, query.call) !== undefined;
}
