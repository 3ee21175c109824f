/** Rebuilds the schema of a snapshot in PostgreSQL's twin. What cannot be built there is left out: a part of a schema plans better than none. */
import { asFault } from '../engines/postgres/rejection.ts';
import { applyDdl } from './postgres-ddl.ts';

type Run = (sql: string) => Promise<unknown>;

/** The twin has few collations; this one compares as any language's does in all that matters to a planner: not byte by byte. */
const anyLanguage = 'pg_catalog."en_US.utf8"';

function withoutCollation(sql: string, name: string): string {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return sql.replace(new RegExp(`(\\bCOLLATE\\s+)(?:(?:"(?:[^"]|"")+"|\\w+)\\.)?(?:"${escaped}"|${escaped}\\b)`, 'gi'), `$1${anyLanguage}`);
}

/** A statement may need one that comes after it (views and functions of each other): what failed is tried again while that helps. */
export async function applySnapshot(run: Run, ddl: readonly string[]): Promise<void> {
  const tolerant: Run = async (sql) => {
    try {
      return await run(sql);
    } catch (error) {
      const missing = /^collation "(.+?)"/
        .exec(asFault(error)?.message ?? '')?.[1]
        ?.split('.')
        .at(-1);
      const without = missing === undefined ? sql : withoutCollation(sql, missing);
      if (without === sql) throw error;
      return run(without);
    }
  };
  let left = ddl.map((sql, index) => ({ key: String(index), sql }));
  for (;;) {
    const rejections = await applyDdl(tolerant, left);
    const failed = new Set(rejections.flatMap(({ key, ignore }) => (ignore === 'exists' ? [] : [key])));
    if (failed.size === 0 || failed.size === left.length) return;
    left = left.filter(({ key }) => failed.has(key));
  }
}
