/** From the name a call is written with to the name its module gave it. */
import type { ImportedName } from '../../document.ts';

/**
 * Turns `db.connect` into `sqlite3.connect` after `import sqlite3 as db`. A name nobody imported
 * comes back as written: snippets often leave their imports out, and `sqlite3.connect` says enough.
 * The module itself is what `*` and `default` stand for; Rust paths are joined by dots like all others, and
 * Go's packages go by their own name: `pgx` of `github.com/jackc/pgx/v5`.
 */
export function importResolver(language: string, imports: readonly ImportedName[]): (callee: string) => string {
  const origins = new Map<string, string>();
  for (const { module, names } of imports) {
    const root = language === 'go' ? packageName(module) : module.replaceAll('::', '.');
    for (const [name, local] of names) {
      if (local === '' || local === '_') continue;
      const origin = name === '*' || name === 'default' || root.endsWith(`.${name}`) ? root : `${root}.${name}`;
      origins.set(local, origin);
    }
  }
  return (callee) => {
    const written = callee.replace(/^(?:new|await)\s+/, '').replaceAll('::', '.');
    const dot = written.indexOf('.');
    const head = dot < 0 ? written : written.slice(0, dot);
    const origin = origins.get(head);
    return origin === undefined ? written : origin + written.slice(head.length);
  };
}

function packageName(path: string): string {
  const parts = path.split('/');
  const last = parts.at(-1) ?? path;
  return (/^v\d+$/.test(last) ? parts.at(-2) : last) ?? path;
}
