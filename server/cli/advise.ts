/** `tunelens advise`: indexes for a workload, under a budget. */
import { existsSync } from 'node:fs';
import type { Advice } from '../workspace/advice.ts';
import { createProject } from '../workspace/create-project.ts';
import { normalPath } from '../workspace/paths.ts';
import { projectAround } from '../workspace/roots.ts';
import { readSnapshotFile } from '../workspace/snapshots.ts';
import { parseBytes } from '../workspace/target.ts';
import { oneOf, parseOptions, UncheckedError, UsageError } from './arguments.ts';
import { wantsColour } from './colour.ts';
import { adviceJson, adviceSql, adviceText } from './formats/advice.ts';
import type { Run } from './run.ts';

export const adviseHelp = `Usage: tunelens advise [PATH…] [options]

Proposes indexes for a workload: the SQL of the files under the paths, what a server or a log says has run,
or both. Each is tried on an embedded engine; nothing is created anywhere.

  --connect URL           advise on this database: sqlite:PATH, a database file, postgres://…
                          (what its pg_stat_statements counted is in the workload where --workload is not given)
  --schema FILE           advise on the schema in this file (CREATE TABLE …)
  --stats FILE            plan with these statistics, written by tunelens stats
  --workload FILE         what ran: an export of pg_stat_statements (CSV or JSON), a PostgreSQL log, a log with
                          times, SQL (may be repeated)
  --budget SIZE           bytes the new indexes of one database may take, such as 500MB (no limit)
  --format text|json|sql  how the advice is printed (text)
  --help                  this text

Without --connect, --schema or --stats the schema is the repository's own. Exit codes: 0 advice was given,
2 bad usage or unreadable input, 3 something asked for could not be had.
`;

const options = {
  connect: { type: 'string', multiple: true },
  schema: { type: 'string' },
  stats: { type: 'string' },
  workload: { type: 'string', multiple: true },
  budget: { type: 'string' },
  format: { type: 'string' },
} as const;

export async function advise(args: readonly string[], run: Run): Promise<number> {
  const { values, positionals } = parseOptions('advise', args, options);
  const format = oneOf('--format', values.format, ['text', 'json', 'sql'], 'text');
  const budget = values.budget === undefined ? undefined : parseBytes(values.budget);
  if (values.budget !== undefined && budget === undefined)
    throw new UsageError(`--budget must be a size such as 500MB or 2GB, not ${JSON.stringify(values.budget)}`);
  if (values.connect !== undefined && (values.schema ?? values.stats) !== undefined)
    throw new UsageError('--connect brings its own schema and statistics; leave out --schema and --stats, or --connect');
  for (const path of positionals) if (!existsSync(path)) throw new UsageError(`${path} does not exist`);
  for (const path of values.workload ?? []) if (!existsSync(path)) throw new UsageError(`--workload ${path} does not exist`);
  if (values.schema !== undefined && !existsSync(values.schema)) throw new UsageError(`--schema ${values.schema} does not exist`);
  const snapshot = values.stats === undefined ? undefined : readSnapshot(values.stats);
  const cwd = normalPath(run.cwd);
  // What ran stands for itself: the repository's statements count beside it only where a path is named.
  const paths = positionals.length > 0 ? positionals : (values.workload ?? []).length > 0 ? [] : ['.'];
  const roots = positionals.length > 0 ? positionals.map(normalPath) : [paths.length > 0 ? cwd : projectAround(cwd)];
  const project = createProject({ roots, trusted: true, log: run.log });
  run.onEnd(() => project.dispose());
  for (const url of values.connect ?? []) {
    try {
      await project.connect(url);
    } catch (error) {
      throw new UncheckedError(run.redact(error instanceof Error ? error.message : String(error)));
    }
  }
  let drawn = false;
  let last = 0;
  let advice: Advice;
  try {
    advice = await project.advise({
      paths,
      workload: (values.workload ?? []).map(normalPath),
      schema: values.schema,
      snapshot,
      budget,
      signal: run.signal,
      progress(what) {
        const now = performance.now();
        if (now - last < 100) return;
        last = now;
        drawn = true;
        run.progress(`\r\u001b[2K${what}`);
      },
    });
  } catch (error) {
    run.signal.throwIfAborted();
    throw new UsageError(run.redact(error instanceof Error ? error.message : String(error)));
  } finally {
    if (drawn) run.progress('\r\u001b[2K');
  }
  const display = (path: string): string => (path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path);
  if (format === 'json') run.print(adviceJson(advice, display));
  else if (format === 'sql') run.print(adviceSql(advice, display));
  else run.print(adviceText(advice, display, wantsColour(run.isTerminal, run.environment)));
  if (format !== 'text') for (const sentence of advice.missing) run.log(sentence);
  return advice.missing.length > 0 ? 3 : 0;
}

function readSnapshot(path: string) {
  if (!existsSync(path)) throw new UsageError(`--stats ${path} does not exist`);
  try {
    return readSnapshotFile(normalPath(path), path);
  } catch (error) {
    throw new UsageError(`--stats: ${error instanceof Error ? error.message : String(error)}`);
  }
}
