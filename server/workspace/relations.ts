/** Which tables a statement is about, and what it does to a schema. */
import { blocksOf } from '../analysis/advisor/blocks.ts';
import type { Document, Query } from '../analysis/document.ts';
import type { FromItem, QualifiedName, Statement } from '../analysis/sql/statement.ts';

/** What every database has without anybody having created it. */
const builtIn = /^(?:sqlite_|pg_|information_schema$|dual$|generate_series$|json_each$|json_tree$|excluded$|new$|old$)/;
const noSchema: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema', 'pragma']);

const cache = new WeakMap<Statement, readonly string[]>();

/** The tables and views it reads or writes, folded to lower case, each once; common table expressions and catalogues are none. */
export function relationsOf(statement: Statement): readonly string[] {
  let found = cache.get(statement);
  if (found === undefined) {
    const names = new Set<string>();
    const take = (item: FromItem | QualifiedName) => {
      const name = item.name?.text.toLowerCase();
      if (name === undefined || builtIn.test(name)) return;
      if (item.schema !== undefined && noSchema.has(item.schema.text.toLowerCase())) return;
      names.add(name);
    };
    for (const block of blocksOf(statement)) for (const item of block.tables) take(item);
    if (statement.kind === 'insert') take(statement.table);
    if (statement.kind === 'create index' || statement.kind === 'alter table') take(statement.table);
    found = [...names];
    cache.set(statement, found);
  }
  return found;
}

const builders = /^(?:CREATE|ALTER|COMMENT|DO)\b/;
/** What belongs to the server, not to one schema. */
const serverWide = /^(?:CREATE|ALTER) (?:ROLE|USER|DATABASE|TABLESPACE|SUBSCRIPTION|PUBLICATION|SYSTEM|SERVER|EVENT TRIGGER|GROUP)\b/;

/** Whether running it changes what the schema holds. */
export function buildsSchema({ statement, plannable, parameters, direction, within }: Query): boolean {
  // What stands inside another statement is built by that one, if at all.
  if (!plannable || direction === 'down' || parameters.length > 0 || within !== undefined) return false;
  switch (statement.kind) {
    case 'create table':
    case 'create index':
    case 'create view':
    case 'alter table':
    case 'drop':
      return true;
    case 'other':
      return builders.test(statement.verb) && !serverWide.test(statement.verb);
    default:
      return false;
  }
}

/** Statements that build nothing, and of which the engine is asked whether it would carry them out. */
export function isProbe(query: Query): boolean {
  const { dialect, plannable, direction, parameters, inTransaction, sql } = query;
  // The words first: a closed file's statements have to be unpacked to be looked at.
  if (dialect !== 'postgres' || !maybeProbe.test(sql) || !plannable || direction === 'down' || parameters.length > 0) return false;
  const { statement } = query;
  if (statement.kind === 'set') return statement.form === 'alter system' && inTransaction === true;
  return statement.kind === 'other' && (probed.has(statement.verb) || (inTransaction === true && alone.test(statement.verb)));
}
/** Between BEGIN and COMMIT, or in a function, which is one transaction with whoever calls it. */
export function runsInTransaction({ inTransaction, within }: Query): boolean {
  return inTransaction === true || within === 'routine' || within === 'block';
}
const maybeProbe =
  /^\s*(?:REFRESH|REINDEX|CLUSTER|VACUUM|ANALYZE|ALTER\s+(?:SYSTEM|DATABASE|TABLESPACE)|(?:CREATE|DROP)\s+(?:DATABASE|TABLESPACE))\b/i;
const probed: ReadonlySet<string> = new Set(['REFRESH MATERIALIZED VIEW', 'REINDEX', 'CLUSTER', 'VACUUM', 'ANALYZE']);
/** What PostgreSQL runs outside of a transaction only. */
const alone = /^(?:CREATE|DROP|ALTER) (?:DATABASE|TABLESPACE)$/;

/** The statements an engine can plan. */
export function isPlannable(query: Query): boolean {
  return query.plannable && isData(query);
}

/** SELECT, INSERT, UPDATE, DELETE, whether or not a part of it is known only at run time. */
export function isData({ statement: { kind } }: Query): boolean {
  return kind === 'select' || kind === 'insert' || kind === 'update' || kind === 'delete';
}

/** A document with those inside it. */
export function* withParts(document: Document): Generator<Document> {
  yield document;
  for (const part of document.parts) yield* withParts(part);
}

const everyQuery = new WeakMap<Document, readonly Query[]>();
/** The queries of a document and of the documents inside it. */
export function queriesOf(document: Document): readonly Query[] {
  let found = everyQuery.get(document);
  if (found === undefined) {
    found = document.parts.length === 0 ? document.queries : [...withParts(document)].flatMap((part) => part.queries);
    everyQuery.set(document, found);
  }
  return found;
}
