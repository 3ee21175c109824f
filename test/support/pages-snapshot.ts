/** The snapshot that a page's statistics stand for, as `tunelens stats` would have written it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokenize } from '../../server/analysis/sql/tokens.ts';
import type { Snapshot } from '../../server/engines/engine.ts';
import type { Section } from './pages.ts';

/** The schema comes from the migrations that were placed in the folder. */
export function snapshotOf(section: Section, folder: string): Snapshot | undefined {
  if (section.statistics === undefined) return undefined;
  const tables: { table: string; rows: number }[] = [];
  const columns: Record<string, unknown>[] = [];
  for (const line of section.statistics.split('\n').filter((each) => each.trim() !== '')) {
    const [name = '', ...words] = line.trim().split(/\s+/);
    const [table = '', column] = name.split('.');
    if (column === undefined) tables.push({ table, rows: Number(words[0]) });
    else columns.push(columnRow(table, column, new Map(words.map((word) => word.split('=') as [string, string]))));
  }
  const migrations = join(folder, 'migrations');
  const ddl = readdirSync(migrations)
    .sort()
    .flatMap((file) => statementsOf(readFileSync(join(migrations, file), 'utf8')));
  return { engine: 'postgres', label: 'counted', version: '18.4', ddl, tables, planner: { relations: [], columns, settings: {} } };
}

function columnRow(table: string, column: string, given: ReadonlyMap<string, string>): Record<string, unknown> {
  const common = given
    .get('common')
    ?.split(',')
    .map((pair) => pair.split(':'));
  return {
    schemaname: 'public',
    tablename: table,
    attname: column,
    inherited: false,
    null_frac: Number(given.get('nulls') ?? 0),
    avg_width: Number(given.get('width') ?? 8),
    n_distinct: Number(given.get('distinct') ?? -1),
    correlation: Number(given.get('correlation') ?? 0),
    ...(common && {
      most_common_vals: `{${common.map(([value]) => value).join()}}`,
      most_common_freqs: `{${common.map(([, share]) => share).join()}}`,
    }),
    ...(given.has('bounds') && { histogram_bounds: `{${given.get('bounds')}}` }),
  };
}

function statementsOf(text: string): string[] {
  const ends = tokenize(text, [], 'postgres').flatMap((token) => (text.slice(token.start, token.end) === ';' ? [token.end] : []));
  return ends.map((end, at) =>
    text
      .slice(ends[at - 1] ?? 0, end)
      .replace(/\bCONCURRENTLY\b/, '')
      .trim()
      .replace(/;$/, ''),
  );
}
