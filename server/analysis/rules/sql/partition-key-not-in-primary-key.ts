import { explainedRefusal } from '../../advisor/refusals-with-rules.ts';
import { message } from '../../advisor/wording.ts';
import { hostOffset, type Query } from '../../document.ts';
import type { Fix } from '../../fix.ts';
import { rule } from '../../rule.ts';
import type { Span } from '../../span.ts';
import type { ColumnDefinition, CreateTable, TableConstraint } from '../../sql/statement.ts';

export const partitionKeyNotInPrimaryKey = rule({
  id: 'sql/partition-key-not-in-primary-key',
  severity: 'error',
  on: 'query',
  engines: ['postgres'],
  needs: ['rejection'],
  applies: ({ query }) =>
    (query.statement.kind === 'create table' && query.statement.partitionBy !== undefined) ||
    query.statement.kind === 'alter table' ||
    (query.statement.kind === 'create index' && query.statement.unique),
  *check({ document, query }, { rejection: fact }) {
    const { rejection } = fact;
    if (explainedRefusal(rejection) !== 'partition key') return;
    const { statement } = query;
    const missing = /lacks column "(.+?)"/.exec(rejection.detail ?? '')?.[1];
    const table = statement.kind === 'create table' ? statement.name : 'table' in statement ? statement.table : undefined;
    if (table === undefined || 'kind' in table) return;
    const key = statement.kind === 'create table' ? keyWithout(statement, missing) : undefined;
    const kind = /^(PRIMARY KEY|UNIQUE|EXCLUDE)/.exec(rejection.detail ?? '')?.[1] ?? 'unique key';
    const partition =
      statement.kind === 'create table'
        ? statement.partitionBy?.columns.find((column) => column.kind === 'column' && column.name.text === missing)
        : undefined;
    yield {
      span: key?.span ?? placeOf(query),
      message: message(
        missing === undefined
          ? `${table.name.text} is partitioned by an expression, so it can have no ${kind === 'unique key' ? 'primary or unique key' : kind} of its own`
          : `The ${kind} of ${table.name.text} leaves out ${missing}, which it is partitioned by: PostgreSQL refuses it`,
      ),
      evidence: {
        grade: fact.grade,
        source: fact.source,
        notes: [`${rejection.code}: ${rejection.message}`, ...(rejection.detail === undefined ? [] : [rejection.detail])],
      },
      related: partition === undefined ? [] : [{ path: document.path, span: partition.span, message: `partitioned by ${missing}` }],
      fixes: missing === undefined || key === undefined || statement.kind !== 'create table' ? [] : fixFor(query, statement, key, missing),
    };
  },
});

/** The first key of the table that lacks the column. */
function keyWithout(statement: CreateTable, missing: string | undefined): ColumnDefinition | TableConstraint | undefined {
  const column = statement.columns.find((entry) => (entry.primaryKey || entry.unique) && entry.name.text !== missing);
  const constraint = statement.constraints.find(
    ({ kind, columns }) =>
      (kind === 'primary key' || kind === 'unique' || kind === 'exclude') && !columns.some(({ text }) => text === missing),
  );
  return column ?? constraint;
}

function placeOf({ statement, span }: Query): Span {
  if (statement.kind === 'alter table') {
    const action = statement.actions.find((each) => each.kind === 'add constraint');
    return action?.kind === 'add constraint' ? action.constraint.span : statement.table.span;
  }
  return statement.kind === 'create index' ? (statement.name?.span ?? statement.table.span) : span;
}

/** A key of several columns gets one more; PRIMARY KEY behind a column becomes one of the table. */
function fixFor(query: Query, statement: CreateTable, key: ColumnDefinition | TableConstraint, missing: string): readonly Fix[] {
  const title = `Add ${missing} to the key`;
  if ('kind' in key) {
    const last = key.columns.at(-1);
    if (last === undefined) return [];
    return [{ kind: 'edit', title, safe: false, edits: [{ span: { start: last.span.end, end: last.span.end }, text: `, ${missing}` }] }];
  }
  const words = [...query.sql.matchAll(/\bPRIMARY\s+KEY\b/gi)].map(({ 0: text, index }) => ({
    start: hostOffset(query.segments, index),
    end: hostOffset(query.segments, index + text.length),
    indent: /(?:^|\n)([ \t]*)[^\n]*$/.exec(query.sql.slice(0, index))?.[1] ?? '',
  }));
  const place = words.find(({ start, end }) => key.span.start <= start && end <= key.span.end);
  const last = [...statement.columns, ...statement.constraints].reduce((end, part) => Math.max(end, part.span.end), 0);
  if (!key.primaryKey || place === undefined || last < place.end) return [];
  return [
    {
      kind: 'edit',
      title,
      safe: false,
      edits: [
        { span: { start: place.start, end: place.end }, text: 'NOT NULL' },
        { span: { start: last, end: last }, text: `,\n${place.indent}PRIMARY KEY (${key.name.text}, ${missing})` },
      ],
    },
  ];
}
