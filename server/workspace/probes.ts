/** Where in the DDL of a database the statements stand that build nothing and are asked about. */
import type { Document } from '../analysis/document.ts';
import { type DdlSource, isNumbered } from './ddl-order.ts';
import { isProbe, queriesOf } from './relations.ts';

/** Those of PostgreSQL, by the file they stand in. */
export function probesIn(documents: readonly Document[]): ReadonlyMap<string, readonly DdlSource[]> {
  const found = new Map<string, readonly DdlSource[]>();
  for (const document of documents) {
    const probes = queriesOf(document).filter(isProbe);
    if (probes.length === 0) continue;
    found.set(
      document.path,
      probes.map((query) => ({ path: document.path, query })),
    );
  }
  return found;
}

/**
 * The DDL with the probes of the files it comes from, and of `others`. In a numbered migration they are asked where they stand; what a function does,
 * and what a file does whose turn is not known, is asked of the finished schema.
 */
export function withProbes(
  ddl: readonly DdlSource[],
  probes: ReadonlyMap<string, readonly DdlSource[]>,
  others: readonly string[],
): readonly DdlSource[] {
  if (probes.size === 0 || ddl.length === 0) return ddl;
  const paths = new Set([...ddl.map(({ path }) => path), ...others].filter((path) => probes.has(path)));
  if (paths.size === 0) return ddl;
  const there = new Set(ddl);
  const result = [...ddl];
  for (const path of paths) {
    for (const source of probes.get(path) ?? []) {
      if (there.has(source)) continue;
      const { query } = source;
      const inPlace = query.from === 'file' && query.within === undefined && isNumbered(path) && !path.endsWith('.md');
      const before = inPlace
        ? result.findLastIndex((entry) => entry.path === path && entry.query.span.start < query.span.start)
        : result.length - 1;
      if (before >= 0) result.splice(before + 1, 0, source);
    }
  }
  return result;
}
