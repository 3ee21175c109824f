/** The statements of a workload, each once, with the places it is written in and how often it ran. */
import { fingerprint } from '../analysis/advisor/fingerprint.ts';
import { runsOnce } from '../analysis/advisor/one-off.ts';
import type { Document, Query } from '../analysis/document.ts';
import { positionAt } from '../analysis/span.ts';
import { sqlQueries, withDialect } from '../analysis/sql/queries.ts';
import type { Dialect, EngineId } from '../analysis/sql/statement.ts';
import type { StatementPlace } from './advice.ts';
import type { Ran } from './advise-workload.ts';
import { isData, queriesOf, relationsOf, withParts } from './relations.ts';

export interface WorkloadStatement {
  readonly query: Query;
  /** Where it belongs, as an index into the targets; undefined where it belongs to none, and then `reason` says why. */
  readonly target?: number | undefined;
  readonly reason?: { readonly code: string; readonly reason: string } | undefined;
  readonly places: StatementPlace[];
  /** Places in code; each counts as one call while nobody counted any. */
  written: number;
  calls: number | undefined;
  milliseconds: number | undefined;
}
/** Where a statement may belong. */
export interface Candidate {
  readonly engine: EngineId;
  /** For people. */
  readonly label: string;
  has(table: string): boolean;
}
export interface Belonging {
  readonly targets: readonly Candidate[];
  /** The repository's own answer for one of its queries; undefined where the targets were named by a person. */
  readonly own?: ((query: Query) => number | undefined) | undefined;
}

export interface Statements {
  repository(document: Document): void;
  ran(ran: Ran): void;
  readonly all: readonly WorkloadStatement[];
}

export function collectStatements(belonging: Belonging): Statements {
  const all: WorkloadStatement[] = [];
  const known = new Map<string, WorkloadStatement>();
  const add = (found: Found, place: StatementPlace): WorkloadStatement => {
    const key = `${found.target ?? found.reason?.code} ${fingerprint(found.query.sql, found.query.dialect)}`;
    let statement = known.get(key);
    if (statement === undefined) {
      statement = { ...found, places: [], written: 0, calls: undefined, milliseconds: undefined };
      known.set(key, statement);
      all.push(statement);
    }
    if (!statement.places.some((other) => other.path === place.path && other.line === place.line)) statement.places.push(place);
    return statement;
  };
  return {
    all,
    repository(document) {
      for (const part of withParts(document)) {
        for (const query of part.queries) {
          if (!isData(query) || query.within === 'view' || query.within === 'block' || runsOnce(document, query)) continue;
          if (query.plannable && relationsOf(query.statement).length === 0) continue;
          const place = { path: document.path, ...positionAt(document.lineStarts, query.span.start) };
          const found = query.plannable ? where(query, belonging) : { query, reason: composed };
          add(found, place).written++;
        }
      }
    },
    ran({ sql, dialect, path, line, calls, milliseconds }) {
      const query = parse(repaired(sql), dialect);
      if (query === undefined || !isData(query) || relationsOf(query.statement).length === 0) return;
      const statement = add(where(query, belonging), { path, line, character: 0 });
      statement.calls = (statement.calls ?? 0) + calls;
      if (milliseconds !== undefined) statement.milliseconds = (statement.milliseconds ?? 0) + milliseconds;
    },
  };
}

const composed = { code: 'dynamic', reason: 'part of it is put together at run time, so it cannot be planned' };

interface Found {
  readonly query: Query;
  readonly target?: number;
  readonly reason?: { readonly code: string; readonly reason: string };
}

function where(query: Query, { targets, own }: Belonging): Found {
  if (query.dialect === 'mysql' || query.dialect === 'other') {
    const name = query.dialect === 'mysql' ? 'MySQL' : 'a dialect that TuneLens does not plan';
    return { query, reason: { code: 'dialect', reason: `it is written for ${name}` } };
  }
  const target = own?.(query);
  if (target !== undefined) return { query, target };
  const tables = relationsOf(query.statement);
  const speaking = targets.filter(({ engine }) => query.dialect === 'unknown' || query.dialect === engine);
  const holding = speaking.find((candidate) => tables.every((table) => candidate.has(table)));
  if (holding !== undefined) return { query: withDialect(query, holding.engine), target: targets.indexOf(holding) };
  const [only] = speaking;
  if (only === undefined || (own !== undefined && query.dialect === 'unknown'))
    return {
      query,
      reason: {
        code: 'dialect',
        reason:
          query.dialect === 'unknown'
            ? 'its dialect is not known: name it in tunelens.toml under [dialects], or give --connect, --schema or --stats'
            : `no ${query.dialect === 'sqlite' ? 'SQLite' : 'PostgreSQL'} schema was given for it`,
      },
    };
  const missing = tables.filter((table) => !only.has(table));
  const names = missing.slice(0, 3).join(', ');
  return { query, reason: { code: 'unknown-table', reason: `${only.label} has no ${missing.length === 1 ? 'table' : 'tables'} ${names}` } };
}

function parse(sql: string, dialect: Dialect): Query | undefined {
  const segments = [{ sqlStart: 0, hostStart: 0, hostEnd: sql.length }];
  const span = { start: 0, end: sql.length };
  return sqlQueries({ text: sql, segments, holes: [], dialect, from: 'file', anchor: span, percentParameters: false }).queries[0];
}

/** `pg_stat_statements` writes `INTERVAL $1`, which its own grammar does not take back; `$1::interval` is the same. */
function repaired(sql: string): string {
  return sql.replace(/\b(interval|date|timestamptz|timestamp|time)\s+(\$\d+)/gi, '$2::$1');
}

/** Documents of the paths; everything where no path is given. */
export function documentsUnder(documents: readonly Document[], isCounted: (path: string) => boolean): readonly Document[] {
  return documents.filter((document) => document.language !== 'markdown' && isCounted(document.path) && queriesOf(document).length > 0);
}
