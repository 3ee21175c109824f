/** Which databases are advised on, and what their servers say has run. */
import type { Document, Query } from '../analysis/document.ts';
import type { AdviseOptions } from './advice.ts';
import type { AdviseContext } from './advise-context.ts';
import { databasesOf, databaseTarget, liveTarget, schemaQueries, schemaTarget, snapshotTarget, type Target } from './advise-targets.ts';
import type { Ran } from './advise-workload.ts';
import type { Live } from './connections.ts';
import { isPlannable, queriesOf } from './relations.ts';

export interface Targets {
  readonly targets: readonly Target[];
  readonly own?: ((query: Query) => number | undefined) | undefined;
}

/** What a person named, in this order: statistics, connections, a schema; else every database that the statements belong to. */
export async function findTargets(
  context: AdviseContext,
  options: AdviseOptions,
  documents: readonly Document[],
  ran: readonly Ran[],
  missing: string[],
): Promise<Targets> {
  const { planners, schemaDocument, connections, databases } = context;
  const assumedRows = context.configuration(schemaDocument?.path ?? documents[0]?.path ?? '/').assumedRows;
  options.progress?.('reading the schema');
  if (options.snapshot !== undefined) {
    const ddl = schemaDocument === undefined ? [] : schemaQueries(schemaDocument, options.snapshot.engine).map(({ query }) => query);
    return { targets: [await snapshotTarget(options.snapshot, options.snapshot.label, 'snapshot', planners, assumedRows, ddl)] };
  }
  const lives = connections.all.filter(({ lost }) => lost === undefined);
  if (lives.length > 0) {
    const targets: Target[] = [];
    for (const live of lives) {
      try {
        const target = await liveTarget(live, planners, assumedRows);
        missing.push(...((await live.snapshot()).missing ?? []));
        targets.push(target);
      } catch (error) {
        options.signal?.throwIfAborted();
        live.failed(error);
        missing.push(`${live.connection.label}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return { targets };
  }
  if (schemaDocument !== undefined) {
    const engine = engineOfSchema(schemaDocument, ran);
    return { targets: [await schemaTarget(schemaDocument, engine, context.display(schemaDocument.path), planners, assumedRows)] };
  }
  const queries = (ran.length > 0 ? context.documents : documents).flatMap((document) =>
    queriesOf(document).filter((query) => isPlannable(query)),
  );
  const found = databasesOf(queries, databases);
  const targets: Target[] = [];
  const places = new Map<unknown, number>();
  for (const database of found) {
    try {
      targets.push(await databaseTarget(database, context.display(database.root) || '.', planners));
      places.set(database, targets.length - 1);
    } catch (error) {
      missing.push(`${context.display(database.root) || '.'}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { targets, own: (query) => places.get(databases.of(query, true)) };
}

/** PostgreSQL where the schema or what ran is written for it. */
function engineOfSchema(document: Document, ran: readonly Ran[]): 'sqlite' | 'postgres' {
  const said = new Set(queriesOf(document).map(({ dialect }) => dialect));
  if (said.has('postgres')) return 'postgres';
  if (said.has('sqlite')) return 'sqlite';
  return ran.some(({ dialect }) => dialect === 'postgres') ? 'postgres' : 'sqlite';
}

/** What a connected server itself counted, where nobody handed over a workload. */
export async function liveWorkload(
  context: AdviseContext,
  options: AdviseOptions,
  targets: readonly Target[],
  missing: string[],
): Promise<readonly Ran[]> {
  if ((options.workload ?? []).length > 0 || options.snapshot !== undefined || targets.length === 0) return [];
  const found: Ran[] = [];
  for (const { connection, lost } of context.connections.all as readonly Live[]) {
    if (lost !== undefined || connection.workload === undefined) continue;
    try {
      const answer = await connection.workload(options.signal);
      missing.push(...answer.missing);
      for (const entry of answer.statements) found.push({ ...entry, dialect: connection.engine, path: connection.label, line: 0 });
    } catch (error) {
      options.signal?.throwIfAborted();
      missing.push(`${connection.label}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return found;
}
