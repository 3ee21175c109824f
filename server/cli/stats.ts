/** `tunelens stats`: a snapshot of a database's schema and statistics, for a file that plans like it. */
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Connection, Snapshot } from '../engines/engine.ts';
import { engineFor, redactUrl } from '../engines/registry.ts';
import { formatSnapshot } from '../workspace/snapshots.ts';
import { parseOptions, UncheckedError, UsageError } from './arguments.ts';
import type { Run } from './run.ts';

export const statsHelp = `Usage: tunelens stats URL [options]

Writes a snapshot of a database: its schema, sizes, planner settings and column statistics, never its
rows. With it, check, explain and advise plan like that database without connecting to it
(--stats FILE). URL is sqlite:PATH, a database file, or postgres://….

  --output FILE        write there instead of to standard output
  --no-values          leave out what came from rows: most common values, histogram bounds, samples
                       (plans then differ where one value is much more frequent than another)
  --help               this text

Exit codes: 0 written, 2 bad usage, 3 the database could not be asked, or part of it could not be read
(a right is missing: standard error says which; the rest is written).
`;

const options = {
  output: { type: 'string' },
  'no-values': { type: 'boolean' },
} as const;

export async function stats(args: readonly string[], run: Run): Promise<number> {
  const { values, positionals } = parseOptions('stats', args, options);
  const [url, extra] = positionals;
  if (url === undefined) throw new UsageError('stats needs a database: tunelens stats postgres://… or a SQLite file');
  if (extra !== undefined) throw new UsageError('stats takes one database');
  const engine = engineFor(url);
  if (engine === undefined)
    throw new UsageError(`${redactUrl(url)} is no database TuneLens knows; name sqlite:PATH, a SQLite file or postgres://…`);
  let snapshot: Snapshot;
  try {
    const connection: Connection = await engine.connect(url, {});
    run.onEnd(() => connection.close());
    snapshot = await connection.snapshot(run.signal, { thorough: true });
  } catch (error) {
    run.signal.throwIfAborted();
    throw new UncheckedError(run.redact(error instanceof Error ? error.message : String(error)));
  }
  const text = formatSnapshot(snapshot, { values: values['no-values'] !== true, database: nameOf(snapshot) });
  if (values.output === undefined) run.print(text);
  else {
    try {
      await writeFile(values.output, text);
    } catch (error) {
      throw new UsageError(`--output ${values.output} cannot be written (${error instanceof Error ? error.message : String(error)})`);
    }
  }
  const missing = snapshot.missing ?? [];
  for (const sentence of missing) run.log(sentence);
  return missing.length > 0 ? 3 : 0;
}

/** `user@host:port/shop` -> `shop`; `data/app.db` -> `app.db`. */
const nameOf = ({ engine, label }: Snapshot): string => (engine === 'sqlite' ? basename(label) : (label.split('/').at(-1) ?? label));
