/** Statements that run once: nobody waits for them a second time, and the schema around them is that of their day. */
import type { Document, Query } from '../document.ts';

const onceFolder = /^((.*[-_])?migrations?|migrate|migrator|alembic|versions|seeds?|seeders?|upgrades?|patches)$/i;
const onceFile = /^(migrations?|migrate|seeds?|seed_.*|upgrade|schema)\.\w+$/;
const numberedFile = /^[vV]?\d+([._-]\d+)*(__|[_-]).*\.sql$/;
const ddl: ReadonlySet<string> = new Set(['create table', 'create index', 'alter table', 'drop']);

/** A migration, a seed or a test: its speed is nobody's concern. The body of a function or a view that it makes runs again and again. */
export function runsOnce(document: Document, query: Query): boolean {
  return isOfItsDay(document, query) && (!isBody(query) || query.direction === 'down' || isTest(document, query));
}

const isBody = ({ within }: Query): boolean => within !== undefined && within !== 'block' && within !== 'wrapped';

/**
 * A migration, a seed or a test: the schema around it may have been another one. The last folders of the path decide, so that
 * a project below a folder of such a name is none of it.
 */
export function isOfItsDay(document: Document, query: Query): boolean {
  if (query.direction !== undefined || isTest(document, query)) return true;
  const parts = document.path.split('/');
  const name = parts.at(-1) ?? '';
  if (onceFile.test(name) || parts.slice(-4, -1).some((folder) => onceFolder.test(folder))) return true;
  return numberedFile.test(name) && document.queries.some((other) => ddl.has(other.statement.kind));
}

/** Tests hand the database what it must refuse, and build tables as they like. Told from names that test runners demand. */
export function isTest(document: Document, query: Query): boolean {
  const name = document.path.slice(document.path.lastIndexOf('/') + 1);
  if (/^test_.*\.py$|_test\.(go|py|rs)$|\.(test|spec)\.[cm]?[jt]sx?$|^conftest\.py$|^fixtures?\.\w+$|^syntax_test/.test(name)) return true;
  for (let at = query.function; at !== undefined; at = document.functions[at]?.parent) {
    const scope = document.functions[at];
    if (scope === undefined) return false;
    if (scope.decorators.some((decorator) => /(^|::|\.)(test|rstest|fixture)\b/.test(decorator))) return true;
  }
  return false;
}

/**
 * Whether no migration of the same sequence comes after this one: an older one has run and cannot be changed any more.
 * A sequence is files in one folder (`0002_x.sql`), or numbered folders side by side (`02_x/migration.sql`).
 */
export function isNewestMigration(document: Document, documents: readonly Document[]): boolean {
  const place = placeInSequence(document.path);
  if (place === undefined) return true;
  return !documents.some((other) => {
    if (other === document || !other.path.startsWith(place.folder)) return false;
    const later = placeInSequence(other.path);
    return later?.folder === place.folder && compare(later.number, place.number) > 0;
  });
}

function placeInSequence(path: string): { readonly folder: string; readonly number: readonly number[] } | undefined {
  const cut = path.lastIndexOf('/');
  const own = leadingNumber(path.slice(cut + 1));
  if (own !== undefined) return { folder: path.slice(0, cut + 1), number: own };
  const above = path.lastIndexOf('/', cut - 1);
  const number = leadingNumber(path.slice(above + 1, cut));
  return number === undefined ? undefined : { folder: path.slice(0, above + 1), number };
}

function leadingNumber(name: string): readonly number[] | undefined {
  const digits = /^[vV]?(\d+(?:[._]\d+)*)/.exec(name)?.[1];
  return digits?.split(/[._]/).map(Number);
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? -1) - (right[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
