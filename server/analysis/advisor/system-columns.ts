/** A column that a view of the server's own does not have: which one, since when, and what was meant. */
import { missingColumn } from '../catalogues/postgres-views.ts';
import type { FactTypes } from '../facts.ts';
import type { Span } from '../span.ts';
import type { Statement } from '../sql/statement.ts';
import { blocksOf, columnsIn, visibleName } from './blocks.ts';

export interface SystemColumn {
  readonly span: Span;
  readonly view: string;
  readonly column: string;
  readonly since?: number | undefined;
  /** Of the same view. */
  readonly meant?: string | undefined;
  /** Where another view has it. */
  readonly elsewhere?: string | undefined;
}

/** The oldest version that still gets fixes: what went away before it is nowhere any more. */
const oldestSupported = 14;

/**
 * Only where the engine refused the statement for a column, and everything it reads is the server's own. A column that went away with a version
 * people still run is no mistake while nobody says which version is meant.
 */
export function systemColumns(
  statement: Statement,
  { rejection, grade }: FactTypes['rejection'],
  version: number | undefined,
): readonly SystemColumn[] {
  if (rejection.kind !== 'unknown-column' || rejection.name === undefined) return [];
  const blocks = blocksOf(statement);
  const tables = blocks.flatMap((block) => block.tables);
  const all = tables.length > 0 && tables.every(({ name, schema }) => isSystem(name?.text, schema?.text));
  if (!all || blocks.some((block) => block.from.length !== block.tables.length)) return [];
  const found = new Map<number, SystemColumn>();
  for (const block of blocks) {
    const { node } = block;
    const written =
      node.kind === 'select'
        ? [
            ...node.columns.flatMap(({ expression }) => expression ?? []),
            ...node.groupBy,
            ...node.orderBy.map(({ expression }) => expression),
          ]
        : [];
    const aliases = new Set(node.kind === 'select' ? node.columns.flatMap(({ alias }) => alias?.text ?? []) : []);
    for (const expression of [...written, ...block.conditions, ...block.outerConditions]) {
      for (const reference of columnsIn(expression)) {
        const { table, name, span } = reference;
        if (table === undefined && aliases.has(name.text)) continue;
        const owners = block.tables.filter((item) => table === undefined || visibleName(item) === table.text.toLowerCase());
        const [owner] = owners;
        if (owner?.name === undefined || owners.length !== 1) continue;
        const known = missingColumn(owner.name.text, name.text);
        const refused = name.text === rejection.name.slice(rejection.name.lastIndexOf('.') + 1).replaceAll('"', '');
        if (known === undefined && !refused) continue;
        if (
          known?.until !== undefined &&
          grade !== 'live' &&
          (version === undefined ? known.until > oldestSupported : known.until > version)
        )
          continue;
        const other = known?.now?.includes('.') === true;
        found.set(span.start, {
          span: name.span,
          view: owner.name.text,
          column: name.text,
          since: known?.until,
          meant: other ? undefined : known?.now,
          elsewhere: other ? known?.now : undefined,
        });
      }
    }
  }
  return [...found.values()];
}

const isSystem = (name: string | undefined, schema: string | undefined): boolean =>
  schema === undefined ? name !== undefined && /^pg_/.test(name) : /^(?:pg_catalog|information_schema)$/i.test(schema);
