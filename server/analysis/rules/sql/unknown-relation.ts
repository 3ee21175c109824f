import { blocksOf } from '../../advisor/blocks.ts';
import { isOfItsDay } from '../../advisor/one-off.ts';
import { similarName } from '../../advisor/similar-name.ts';
import { message } from '../../advisor/wording.ts';
import type { Document, Query } from '../../document.ts';
import type { FactTypes } from '../../facts.ts';
import { type Report, rule } from '../../rule.ts';
import { findTable } from '../../sql/schema.ts';
import type { FromItem, Name } from '../../sql/statement.ts';

export const unknownRelation = rule({
  id: 'sql/unknown-relation',
  severity: 'error',
  on: 'query',
  needs: ['schema'],
  wants: ['rejection', 'documents'],
  applies: ({ document, query }) => targets(query).length > 0 && !isOfItsDay(document, query),
  *check({ query }, { schema: fact, rejection, documents }) {
    const { schema } = fact;
    if (rejection?.grade === 'live' && rejection.rejection.kind === 'unknown-relation') {
      yield refused(rejection, fact);
      return;
    }
    const reported = new Set<string>();
    for (const name of targets(query)) {
      const folded = name.text.toLowerCase();
      const table = findTable(schema, name.text);
      if ((table !== undefined && !table.inferred) || reported.has(folded) || isSystemName(folded)) continue;
      const declared = schema.tables.filter((entry) => !entry.inferred);
      // Without a connection only a slip of the pen is certain: any other name may be created where nobody can see it.
      const meant = similarName(
        name.text,
        declared.map((entry) => entry.name),
      );
      if (meant === undefined || sameWord(meant, name.text) || isMade(folded, documents ?? [])) continue;
      reported.add(folded);
      const place = findTable(schema, meant)?.declared;
      yield {
        span: name.span,
        message: message(`There is no table ${name.text}: nothing creates it, ${meant} exists`),
        evidence: { grade: fact.grade, source: fact.source, notes: [] },
        related: place === undefined ? [] : [{ ...place, message: `${meant} is created here` }],
        fixes: [{ kind: 'edit', title: `Change it to ${meant}`, safe: false, edits: [{ span: name.span, text: asWritten(name, meant) }] }],
      };
    }
  },
});

/** The names of tables a statement reads or writes; common table expressions are not among them. */
function targets(query: Query): readonly Name[] {
  const { statement } = query;
  const items: FromItem[] = blocksOf(statement).flatMap((block) => [...block.tables]);
  if (statement.kind === 'insert') items.unshift(statement.table);
  const named = statement.complete === false ? [] : items.flatMap((item) => (item.name && isDefaultNamespace(item) ? [item.name] : []));
  return statement.kind === 'create index' && isDefaultNamespace(statement.table) ? [...named, statement.table.name] : named;
}

/** Another namespace may be another database, attached or on a search path. */
function isDefaultNamespace(item: { readonly schema?: Name | undefined }): boolean {
  return item.schema === undefined || ['public', 'main'].includes(item.schema.text.toLowerCase());
}

const isSystemName = (name: string): boolean =>
  /^(sqlite_|pg_|pragma_|information_schema$|dbstat$|json_each$|json_tree$|excluded$|old$|new$|dual$)/.test(name);

/** A plural and its singular may both exist: one of them as a view or a function of its own. */
function sameWord(left: string, right: string): boolean {
  const [first, second] = [left.toLowerCase(), right.toLowerCase()];
  return first === second || `${first}s` === second || `${second}s` === first || /\d/.test(first + second);
}

/** Some statement creates it, as a temporary table, under a new name, or by words that are put together at run time. */
function isMade(name: string, documents: readonly Document[]): boolean {
  const made = ({ statement, plannable }: Query): boolean => {
    if (statement.kind === 'create table' || statement.kind === 'create view') {
      return !plannable || statement.name.name.text.toLowerCase() === name;
    }
    if (statement.kind === 'alter table')
      return statement.actions.some((action) => action.kind === 'rename table' && action.to.text.toLowerCase() === name);
    return statement.kind === 'other' && /^(ATTACH|CREATE (FOREIGN|SCHEMA|FUNCTION)|IMPORT FOREIGN)/.test(statement.verb);
  };
  const within = (document: Document): boolean => document.queries.some(made) || document.parts.some(within);
  return documents.some(within);
}

function refused({ rejection, grade, source }: FactTypes['rejection'], schema: FactTypes['schema']): Report {
  const name = rejection.name ?? '';
  const meant = similarName(
    name,
    schema.schema.tables.map((table) => table.name),
  );
  return {
    span: rejection.span,
    message: message(`${source} has no table ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`),
    evidence: { grade, source, notes: [rejection.message] },
  };
}

function asWritten(name: Name, text: string): string {
  return name.quoted || !/^[a-z_]\w*$/.test(text) ? `"${text}"` : text;
}
