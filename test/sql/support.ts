/** Helpers of the SQL tests. */
import type { OffsetSegment, Query } from '../../server/analysis/document.ts';
import type { Span } from '../../server/analysis/span.ts';
import { sqlQueries } from '../../server/analysis/sql/queries.ts';
import type { CommonTable, Dialect, FromItem, Statement } from '../../server/analysis/sql/statement.ts';
import { expressionsIn, expressionsOf, statementsIn } from '../../server/analysis/sql/walk.ts';

/** The text is the host file itself. */
export const whole = (text: string): OffsetSegment[] => [{ sqlStart: 0, hostStart: 0, hostEnd: text.length }];

/** Every relation a statement names, without its common tables. */
export function relationsOf(statement: Statement): Set<string> {
  const names = new Set<string>();
  const common = new Set<string>();
  const items = (list: readonly FromItem[]): void => {
    for (const item of list) if (item.kind === 'table' && item.name !== undefined) names.add(item.name.text);
  };
  const tables = (list: readonly CommonTable[]): void => {
    for (const table of list) common.add(table.name.text);
  };
  const walk = (inner: Statement): void => {
    if ('with' in inner) tables(inner.with);
    switch (inner.kind) {
      case 'select':
        items(inner.from);
        break;
      case 'insert':
        items([inner.table]);
        break;
      case 'update':
        items([inner.table, ...inner.from]);
        break;
      case 'delete':
        items([inner.table, ...inner.using]);
        break;
      case 'create table':
        names.add(inner.name.name.text);
        for (const above of [inner.partitionOf, ...(inner.inherits ?? [])]) if (above !== undefined) names.add(above.name.text);
        for (const { references } of [...inner.columns, ...inner.constraints])
          if (references !== undefined) names.add(references.table.text);
        break;
      case 'create view':
        names.add(inner.name.name.text);
        break;
      case 'create index':
        names.add(inner.table.name.text);
        break;
      case 'alter table':
        names.add(inner.table.name.text);
        for (const action of inner.actions) {
          if (action.kind === 'add constraint' && action.constraint.references !== undefined)
            names.add(action.constraint.references.table.text);
          if (action.kind === 'add column' && action.column.references !== undefined) names.add(action.column.references.table.text);
        }
        break;
      default:
    }
    for (const next of statementsIn(inner)) walk(next);
    for (const expression of expressionsOf(inner)) for (const _ of expressionsIn(expression, walk));
  };
  walk(statement);
  for (const name of common) names.delete(name);
  return names;
}

/** Queries of plain text. */
export function queriesIn(text: string, dialect: Dialect): Query[] {
  return sqlQueries({
    text,
    segments: whole(text),
    holes: [],
    dialect,
    from: 'file',
    anchor: (span: Span) => span,
    percentParameters: false,
  }).queries;
}

/** Text with `{name}` as interpolations, the way a reader hands it over. */
export function withHoles(template: string, dialect: Dialect, percentParameters = false): ReturnType<typeof sqlQueries> {
  const holes: { start: number; end: number; hole: { span: Span; text: string } }[] = [];
  const segments: OffsetSegment[] = [];
  let text = '';
  let host = 0;
  for (const part of template.split(/(\{\w+\})/)) {
    const isHole = part.startsWith('{');
    const shown = isHole ? 'x' : part;
    if (shown !== '') segments.push({ sqlStart: text.length, hostStart: host, hostEnd: host + part.length });
    if (isHole)
      holes.push({
        start: text.length,
        end: text.length + 1,
        hole: { span: { start: host, end: host + part.length }, text: part.slice(1, -1) },
      });
    text += shown;
    host += part.length;
  }
  return sqlQueries({ text, segments, holes, dialect, from: 'literal', anchor: { start: 0, end: host }, percentParameters });
}
