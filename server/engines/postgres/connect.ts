/** Connects to a PostgreSQL server, and never changes anything there. */
import { type Connection, type ConnectOptions, type Engine, EngineError } from '../engine.ts';
import { parseAddress } from './address.ts';
import { readHealth } from './health.ts';
import { asFault, permissionError } from './rejection.ts';
import { readSchema } from './schema.ts';
import type { Query } from './session.ts';
import { readSettings } from './settings.ts';
import { readSnapshot } from './snapshot.ts';
import { readStatistics } from './statistics.ts';
import { readServerWorkload } from './workload.ts';

/** Milliseconds for one question to the catalogue: of ten thousand tables it takes seconds, and nobody waits for it at a keystroke. */
const catalogueTimeout = 30_000;

async function connect(url: string, options: ConnectOptions): Promise<Connection> {
  const address = parseAddress(url, options.password);
  const { label } = address;
  // The driver and the parser are loaded by the first connection: most sessions of an editor never make one.
  const [{ openSession }, { createExplainer }] = await Promise.all([import('./session.ts'), import('./explain.ts')]);
  const session = await openSession(address, {
    connectTimeout: options.connectTimeout ?? 10_000,
    statementTimeout: options.statementTimeout ?? 5_000,
  });

  async function read<Answer>(act: (query: Query) => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    try {
      return await session.readOnly(act, signal, Math.max(catalogueTimeout, options.statementTimeout ?? 0));
    } catch (error) {
      const fault = asFault(error);
      if (fault === undefined) throw error;
      throw permissionError(fault, label) ?? new EngineError('internal', `${label} could not be read: ${fault.message}.`, { cause: error });
    }
  }

  try {
    const shown = await read(
      async (query) =>
        (
          await query(
            "SELECT pg_catalog.current_setting('server_version') AS version, pg_catalog.current_setting('server_version_num')::int AS number",
          )
        )[0],
    );
    const version = String(shown?.version ?? '').split(' ')[0] ?? '';
    const major = Math.floor(Number(shown?.number ?? 0) / 10_000);
    // EXPLAIN EXECUTE with a generic plan on demand, and what the catalogue is asked for, begin with 12.
    if (major < 12) throw new EngineError('unsupported', `${label} runs PostgreSQL ${version}: TuneLens needs 12 or newer.`);
    const explainer = await createExplainer(session, label, major);
    return {
      engine: 'postgres',
      label,
      version,
      schema: (signal) => read((query) => readSchema(async (sql) => Object.values((await query(sql))[0] ?? {})[0]), signal),
      statistics: (signal) => read(readStatistics, signal),
      settings: (signal) => read(readSettings, signal),
      health: (signal) => read(readHealth, signal),
      explain: explainer.explain,
      explainAnalyze: explainer.analyze,
      snapshot: (signal, wanted) => read((query) => readSnapshot(query, label, version, wanted?.thorough === true), signal),
      workload: (signal) => read((query) => readServerWorkload(query, label), signal),
      close: session.close,
      onLost: session.onLost,
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

export const postgres: Engine = {
  id: 'postgres',
  recognises: (url) => /^postgres(?:ql)?:\/\//i.test(url.trim()),
  connect,
};
