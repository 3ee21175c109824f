/** The databases a person connected to, and what they said lately. */
import type { Health } from '../analysis/health.ts';
import type { Schema, TableStatistics } from '../analysis/sql/schema.ts';
import type { EngineId, Statement } from '../analysis/sql/statement.ts';
import { type Connection, EngineError, type Explained, type LiveSetting, type Snapshot } from '../engines/engine.ts';
import { relationsOf } from './relations.ts';
import { createRemembered, type Remembered } from './remembered.ts';

/** How long a schema or a row count is taken for true, in milliseconds: an index created elsewhere is seen soon, a keystroke asks nothing. */
const FRESH = 30_000;

export interface Live {
  readonly connection: Connection;
  /** What its catalogue holds, with an epoch that changes when the catalogue or the counts do. */
  catalogue(): Promise<Catalogue>;
  /** The same where it is known already. */
  knownCatalogue(): Catalogue | undefined;
  settings(): Promise<ReadonlyMap<string, LiveSetting>>;
  knownSettings(): ReadonlyMap<string, LiveSetting> | undefined;
  health(): Promise<Health>;
  knownHealth(): Health | undefined;
  snapshot(): Promise<Snapshot>;
  knownSnapshot(): Snapshot | undefined;
  /** Tells that a question found no answer. */
  failed(error: unknown): void;
  readonly plans: Remembered<Explained>;
  /** Why it can no longer be asked. */
  lost?: string | undefined;
}
export interface Catalogue {
  readonly schema: Schema;
  readonly statistics: readonly TableStatistics[];
  readonly names: ReadonlySet<string>;
  readonly epoch: string;
}
export interface Connections {
  add(connection: Connection): Live;
  remove(label: string): Promise<void>;
  readonly all: readonly Live[];
  /** The connection of this engine whose catalogue has every table of the statement. Only those whose catalogue is known. */
  holding(engine: EngineId, statement: Statement): Live | undefined;
  /** Fetches the catalogues that `holding` looks into; one that fails is left out and told. */
  prepare(engines: ReadonlySet<EngineId>): Promise<void>;
  dispose(): Promise<void>;
}

/** `failed` is told why a connection could not answer, once for each reason. */
export function createConnections(failed: (live: Live, reason: string) => void, changed: () => void): Connections {
  const lives: Live[] = [];
  return {
    add(connection) {
      const live = createLive(connection, failed);
      lives.push(live);
      connection.onLost((error) => {
        live.lost = error.message;
        failed(live, error.message);
        changed();
      });
      return live;
    },
    async remove(label) {
      const at = lives.findIndex(({ connection }) => connection.label === label);
      const [live] = at < 0 ? [] : lives.splice(at, 1);
      await live?.connection.close();
    },
    all: lives,
    holding(engine, statement) {
      const names = relationsOf(statement);
      return lives.find((live) => {
        if (live.lost !== undefined || live.connection.engine !== engine) return false;
        const catalogue = live.knownCatalogue();
        return catalogue !== undefined && names.length > 0 && names.every((name) => catalogue.names.has(name));
      });
    },
    async prepare(engines) {
      for (const live of lives) {
        if (live.lost !== undefined || !engines.has(live.connection.engine)) continue;
        try {
          await live.catalogue();
        } catch (error) {
          live.failed(error);
        }
      }
    },
    async dispose() {
      await Promise.allSettled(lives.splice(0).map(({ connection }) => connection.close()));
    },
  };
}

function createLive(connection: Connection, failed: (live: Live, reason: string) => void): Live {
  const catalogues = createRemembered<Catalogue>(1, FRESH);
  const settings = createRemembered<ReadonlyMap<string, LiveSetting>>(1, FRESH);
  const health = createRemembered<Health>(1, FRESH);
  const snapshots = createRemembered<Snapshot>(1);
  let last: Catalogue | undefined;
  const catalogue = async (): Promise<Catalogue> => {
    const found = await catalogues.get('', async () => {
      const [schema, statistics] = await Promise.all([connection.schema(), connection.statistics()]);
      const epoch = JSON.stringify([schema, statistics]);
      // The same catalogue stays the same object, so that what hangs on it is kept.
      if (last?.epoch === epoch) return last;
      last = { schema, statistics, names: new Set(schema.tables.map(({ name }) => name.toLowerCase())), epoch };
      snapshots.clear();
      live.plans.clear();
      return last;
    });
    return found;
  };
  const live: Live = {
    connection,
    catalogue,
    knownCatalogue: () => catalogues.peek('') ?? last,
    settings: () => settings.get('', () => connection.settings()),
    knownSettings: () => settings.peek(''),
    health: () => health.get('', () => connection.health()),
    knownHealth: () => health.peek(''),
    snapshot: () => snapshots.get('', () => connection.snapshot()),
    knownSnapshot: () => snapshots.peek(''),
    failed: (error) => failed(live, error instanceof EngineError ? error.message : `could not be asked: ${String(error)}`),
    plans: createRemembered<Explained>(2_000),
  };
  return live;
}
