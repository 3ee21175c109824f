/** Candidates of other kinds than the B-tree (PostgreSQL): GIN for what a value holds, GiST for ranges, BRIN for what grows with the table. */
import type { CandidateIndex } from '../facts.ts';
import type { Table } from '../sql/schema.ts';
import type { Contained, Key, Predicate } from './predicates.ts';

const jsonPath: ReadonlySet<string> = new Set(['@>', '@?', '@@']);
const trigrams: ReadonlySet<string> = new Set(['LIKE', 'ILIKE', '~', '~*', 'SIMILAR TO', '~~', '~~*', '%', '<%', '%>']);
const rangeType = /(?:range|multirange)$/;
/** Types that grow with time, so that a table that is only added to keeps them in order. */
const growing = /^(?:timestamp|date|bigint|integer|int[48]?\b|bigserial|serial|smallint)/;

/** The operator class `gin_trgm_ops` is refused where pg_trgm is not created: then there is no candidate, and the planner was asked for nothing. */
export function specialIndexes(contained: readonly Contained[], predicates: readonly Predicate[], table: Table): CandidateIndex[] {
  const candidates = contained.flatMap(({ key, operator }): CandidateIndex[] => {
    const type = typeOf(key, table);
    const index = (method: string, operatorClass?: string): CandidateIndex => ({
      table: table.name,
      keys: [{ ...key, descending: false, ...(operatorClass === undefined ? {} : { operatorClass }) }],
      include: [],
      method,
    });
    if (type !== undefined && rangeType.test(type)) return [index('gist')];
    if (type === 'jsonb') return jsonPath.has(operator) ? [index('gin', 'jsonb_path_ops')] : [index('gin')];
    if (trigrams.has(operator) && isText(type)) return [index('gin', 'gin_trgm_ops')];
    if (type === 'inet' || type === 'cidr') return [index('gist', 'inet_ops')];
    return trigrams.has(operator) ? [] : [index('gin')];
  });
  const ranges = predicates.filter((predicate) => predicate.kind === 'range' && !predicate.join && predicate.key.column !== undefined);
  for (const { key } of ranges) {
    if (growing.test(typeOf(key, table) ?? ''))
      candidates.push({ table: table.name, keys: [{ column: key.column, descending: false }], include: [], method: 'brin' });
  }
  return candidates;
}

/** Absent for an expression, whose type only the engine knows. */
function typeOf(key: Key, table: Table): string | undefined {
  return key.column === undefined ? undefined : table.columns.find((column) => column.name === key.column)?.type;
}
const isText = (type: string | undefined): boolean =>
  type === undefined || type === '' || /^(?:text|varchar|character|char|citext|bpchar)/.test(type);

/** The operator class under which a B-tree answers LIKE in whatever collation the database has; undefined where it does so anyway. */
export function patternClass(key: Key, table: Table): string | undefined {
  const column = table.columns.find((each) => each.name === key.column);
  const collation = (key.collation ?? column?.collation)?.toLowerCase();
  if (collation === 'c' || collation === 'posix') return undefined;
  if (column === undefined || /^(?:text|)$/.test(column.type)) return 'text_pattern_ops';
  if (/^(?:varchar|character varying)/.test(column.type)) return 'varchar_pattern_ops';
  return /^(?:char|character|bpchar)/.test(column.type) ? 'bpchar_pattern_ops' : undefined;
}
