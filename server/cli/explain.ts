/** `tunelens explain`: how a database would run statements, without running them. */
import { existsSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { Document, Query } from '../analysis/document.ts';
import { planLines } from '../analysis/plan-text.ts';
import { type Connection, EngineError, type Explained } from '../engines/engine.ts';
import { engineFor } from '../engines/registry.ts';
import { createProject } from '../workspace/create-project.ts';
import { normalPath } from '../workspace/paths.ts';
import type { Project } from '../workspace/project.ts';
import { projectAround } from '../workspace/roots.ts';
import { readText } from '../workspace/text.ts';
import { oneOf, parseOptions, UncheckedError, UsageError } from './arguments.ts';
import { createPaint, wantsColour } from './colour.ts';
import type { Run } from './run.ts';
import { checkEngine, namedSnapshot } from './snapshot-option.ts';

export const explainHelp = `Usage: tunelens explain SQL|FILE [options]

Shows the plan of a statement, or of every statement in a file, in the file's order.

  --connect URL        ask this database: sqlite:PATH, a database file, postgres://…
                       (without it an embedded engine with the repository's schema is asked)
  --stats FILE         plan as the database whose statistics these are (tunelens stats writes them)
  --analyze            run the statement and time its plan; needs --connect
  --format text|json   how plans are printed (text)
  --help               this text

Exit codes: 0 every statement has a plan, 1 the engine refused one, 2 bad usage or unreadable input,
3 the database could not be asked.
`;

const options = {
  format: { type: 'string' },
  connect: { type: 'string' },
  stats: { type: 'string' },
  analyze: { type: 'boolean' },
} as const;

interface Answer {
  readonly sql: string;
  readonly source: 'live' | 'twin' | 'embedded';
  /** For people: the connection's label or the embedded engine's name. */
  readonly by: string;
  readonly explained?: Explained | undefined;
  /** What is to be said of indexes beneath the plan. */
  readonly advice?: string | undefined;
  readonly error?: string | undefined;
  /** The engine could not be asked at all. */
  readonly unasked?: boolean | undefined;
}

export async function explain(args: readonly string[], run: Run): Promise<number> {
  const { values, positionals } = parseOptions('explain', args, options);
  const format = oneOf('--format', values.format, ['text', 'json'], 'text');
  const [what, extra] = positionals;
  if (what === undefined) throw new UsageError('explain needs a statement or a file: tunelens explain "SELECT …" --connect URL');
  if (extra !== undefined) throw new UsageError('explain takes one statement or one file; put a statement in quotes');
  if (values.stats !== undefined && values.connect !== undefined)
    throw new UsageError('--connect asks the database itself, --stats its statistics; give one of them');
  const snapshot = values.stats === undefined ? undefined : namedSnapshot(values.stats);
  if (values.analyze && values.connect === undefined) throw new UsageError('--analyze runs the statement, so it needs --connect URL');
  const engine = values.connect === undefined ? snapshot?.engine : engineFor(values.connect)?.id;
  const isFile = existsSync(what) && statSync(what).isFile();
  if (!isFile && looksLikePath(what)) throw new UsageError(`${what} does not exist, and is no statement either`);
  const cwd = normalPath(run.cwd);
  const path = isFile ? normalPath(what) : `${cwd}/<statement>.sql`;
  const project = createProject({
    roots: [projectAround(cwd)],
    overrides: engine === undefined ? {} : { dialects: [{ files: '**', dialect: engine }] },
    trusted: true,
    snapshot,
    log: run.log,
  });
  run.onEnd(() => project.dispose());
  let connection: Connection | undefined;
  if (values.connect !== undefined) {
    try {
      connection = await project.connect(values.connect);
    } catch (error) {
      throw new UncheckedError(error instanceof Error ? error.message : String(error));
    }
  }
  const queries = await queriesOf(project, path, isFile ? undefined : what, connection === undefined, run);
  if (queries.length === 0) throw new UsageError(`${isFile ? what : 'the text'} holds no SQL statement`);
  if (snapshot !== undefined) checkEngine(snapshot, queries);
  const answers: Answer[] = [];
  for (const query of queries) answers.push(await ask(query, { project, connection, path, analyze: values.analyze === true, run }));
  run.print(format === 'json' ? json(answers) : text(answers, run));
  if (answers.some(({ unasked }) => unasked === true)) return 3;
  return answers.some(({ error }) => error !== undefined) ? 1 : 0;
}

/** One word with a dot or a slash in it is meant as a file. */
const looksLikePath = (what: string): boolean => !/\s/.test(what.trim()) && /[./\\]/.test(what);

async function queriesOf(
  project: Project,
  path: string,
  sql: string | undefined,
  repository: boolean,
  run: Run,
): Promise<readonly Query[]> {
  if (sql !== undefined) project.open(path, 'sql', sql, 1);
  else {
    const file = readText(path);
    if ('unchecked' in file) throw new UsageError(`${path} ${file.unchecked}`);
  }
  // The repository is read only where its schema is what answers.
  const result = await project.check(path, repository ? 'all' : 'text', run.signal);
  if (result === undefined) throw new UsageError(`${path} is in no language TuneLens reads SQL from`);
  return flat(result.document).toSorted((left, right) => left.span.start - right.span.start);
}

function flat(document: Document): readonly Query[] {
  return [...document.queries, ...document.parts.flatMap(flat)];
}

interface Asking {
  readonly project: Project;
  readonly connection: Connection | undefined;
  readonly path: string;
  readonly analyze: boolean;
  readonly run: Run;
}

async function ask(query: Query, { project, connection, path, analyze, run }: Asking): Promise<Answer> {
  let source: Answer['source'] = connection === undefined ? 'embedded' : 'live';
  let by = connection?.label ?? 'embedded engine';
  try {
    if (!query.plannable)
      return { sql: query.sql, source, by, error: 'part of this statement is put together at run time, so it has no plan' };
    let explained: Explained;
    let advice: string | undefined;
    if (connection === undefined) {
      const answer = await project.explain(path, query, run.signal);
      by = answer.source;
      if (answer.twin === true) source = 'twin';
      explained = answer;
      advice = answer.advice;
    } else if (analyze) {
      if (!(await agreed(query, connection, run))) return { sql: query.sql, source, by, error: 'not run' };
      explained = await connection.explainAnalyze(query.sql, run.signal);
    } else explained = await connection.explain(query.sql, run.signal);
    if (explained.outcome === 'planned') return { sql: query.sql, source, by, explained, advice };
    const error = explained.outcome === 'refused' ? explained.reason : explained.rejection.message;
    return { sql: query.sql, source, by, explained, error };
  } catch (error) {
    run.signal.throwIfAborted();
    const message = run.redact(error instanceof Error ? error.message : String(error));
    const unasked = !(error instanceof EngineError) || error.kind !== 'unsupported';
    return { sql: query.sql, source, by, error: message, unasked };
  }
}

/** At a terminal a person sees the statement before it runs; a script that says --analyze has agreed by saying so. */
async function agreed(query: Query, connection: Connection, run: Run): Promise<boolean> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`Run this on ${connection.label}?\n\n${query.sql}\n\n[y/N] `, { signal: run.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

function json(answers: readonly Answer[]): string {
  const statements = answers.map(({ sql, source, explained, advice, error }) => ({
    sql,
    source,
    ...(explained?.outcome === 'planned' && { totalCost: explained.plan.totalCost, plan: explained.plan.raw }),
    ...(advice !== undefined && { advice }),
    ...(error !== undefined && { error }),
  }));
  return `${JSON.stringify({ statements }, undefined, 2)}\n`;
}

function text(answers: readonly Answer[], run: Run): string {
  const paint = createPaint(wantsColour(run.isTerminal, run.environment));
  const blocks = answers.map(({ sql, by, explained, advice, error }) => {
    const lines = [...sql.trim().split('\n').map(paint.bold), ''];
    if (error !== undefined) lines.push(paint.red(`${by}: ${error}`));
    if (explained?.outcome === 'rejected' && explained.rejection.hint !== undefined) lines.push(paint.dim(explained.rejection.hint));
    if (explained?.outcome === 'planned') {
      const { plan } = explained;
      const cost = plan.totalCost > 0 ? `, total cost ${plan.totalCost}` : '';
      lines.push(paint.dim(`planned by ${by}${cost}`), ...planLines(plan));
      if (advice !== undefined) lines.push('', ...advice.split('\n'));
    }
    return `${lines.join('\n')}\n`;
  });
  return blocks.join('\n');
}
