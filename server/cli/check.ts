/** `tunelens check`: files -> findings in one of four formats. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding } from '../analysis/rule.ts';
import { catalogue } from '../analysis/rules/index.ts';
import { type BaselineContext, readBaseline, withoutBaseline, writeBaseline } from '../workspace/baseline.ts';
import { createProject } from '../workspace/create-project.ts';
import { readerOfLanguage } from '../workspace/languages.ts';
import { normalPath } from '../workspace/paths.ts';
import type { CheckResult, Project, Unchecked } from '../workspace/project.ts';
import { queriesOf } from '../workspace/relations.ts';
import { parseTarget } from '../workspace/target.ts';
import { decode, readText } from '../workspace/text.ts';
import { oneOf, parseOptions, UsageError } from './arguments.ts';
import { wantsColour } from './colour.ts';
import { applyFixes } from './fix.ts';
import { formatGithub } from './formats/github.ts';
import { formatJson } from './formats/json.ts';
import { type Report, type SourceText, severityRank, sourceText } from './formats/report.ts';
import { formatSarif } from './formats/sarif.ts';
import { formatText } from './formats/text.ts';
import { createProgress } from './progress.ts';
import { type Run, version } from './run.ts';
import { checkEngine, namedSnapshot } from './snapshot-option.ts';

export const checkHelp = `Usage: tunelens check [PATH…] [options]

Checks the files under the paths (the working directory where none is given); - reads standard input.

  --format text|json|sarif|github   how findings are printed (text)
  --connect URL                     ask this database, too: sqlite:PATH, a database file, postgres://…
                                    (may be repeated; nothing is ever written to it)
  --stats FILE                      plan with the statistics of that database (tunelens stats writes them;
                                    so does pg_dump --no-data --statistics)
  --target memory=32GB,cores=8,storage=nvme,postgres=17
                                    the machine the settings are for
  --fix                             apply the edits that keep the meaning for certain
  --fail-on error|warning|info|never
                                    findings from this severity on make the exit code 1 (error)
  --baseline FILE                   leave out the findings that FILE holds
  --write-baseline                  write the findings to the --baseline file and succeed
  --language ID                     read the named files and standard input as this language
  --help                            this text

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 bad usage or unreadable input,
3 something asked for could not be checked. Settings stand in tunelens.toml.
`;

const options = {
  format: { type: 'string' },
  connect: { type: 'string', multiple: true },
  stats: { type: 'string' },
  target: { type: 'string' },
  fix: { type: 'boolean' },
  'fail-on': { type: 'string' },
  baseline: { type: 'string' },
  'write-baseline': { type: 'boolean' },
  language: { type: 'string' },
} as const;

export async function check(args: readonly string[], run: Run): Promise<number> {
  const started = performance.now();
  const { values, positionals } = parseOptions('check', args, options);
  const format = oneOf('--format', values.format, ['text', 'json', 'sarif', 'github'], 'text');
  const failOn = oneOf('--fail-on', values['fail-on'], ['error', 'warning', 'info', 'never'], 'error');
  const target = values.target === undefined ? { target: {} } : parseTarget(values.target);
  if ('error' in target) throw new UsageError(`--target: ${target.error}`);
  const snapshot = values.stats === undefined ? undefined : namedSnapshot(values.stats);
  if (values['write-baseline'] && values.baseline === undefined) throw new UsageError('--write-baseline needs --baseline FILE to write to');
  if (values.language !== undefined && readerOfLanguage(values.language) === undefined) {
    throw new UsageError(`--language ${values.language} is no language TuneLens reads`);
  }
  const named = positionals.length === 0 ? ['.'] : positionals;
  const fromInput = named.includes('-');
  if (fromInput && named.length > 1) throw new UsageError('standard input (-) is checked alone, without other paths');
  if (fromInput && values.language === undefined) throw new UsageError('standard input (-) needs --language, as in --language sql');
  if (fromInput && values.fix) throw new UsageError('--fix cannot change standard input; name a file');
  for (const path of fromInput ? [] : named) {
    if (!existsSync(path)) throw new UsageError(`${path} does not exist`);
  }
  const cwd = normalPath(run.cwd);
  const project = createProject({
    roots: fromInput ? [cwd] : named.map(normalPath),
    overrides: { target: target.target },
    // The person at the command line names what is connected to, so it is trusted as such.
    trusted: true,
    snapshot,
    log: run.log,
  });
  run.onEnd(() => project.dispose());
  const missed: Unchecked[] = [];
  const labels = new Set<string>();
  for (const url of values.connect ?? []) {
    try {
      labels.add((await project.connect(url)).label);
    } catch (error) {
      missed.push({ path: run.redact(url), reason: run.redact(error instanceof Error ? error.message : String(error)) });
    }
  }
  const display = (path: string): string => (path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path);
  const sources = new Map<string, SourceText>();
  const source = (path: string): SourceText => {
    let found = sources.get(path);
    if (found === undefined && labels.has(path)) found = sourceText('');
    if (found === undefined) {
      const file = readText(path);
      found = sourceText('unchecked' in file ? '' : file.text);
      sources.set(path, found);
    }
    return found;
  };
  const progress = createProgress(run);
  const work = async (): Promise<CheckResult> => {
    if (fromInput) return checkInput(project, values.language ?? '', `${cwd}/<stdin>`, sources, run);
    if (values.language !== undefined) openAs(project, named, values.language);
    return project.checkAll(named, { signal: run.signal, progress: progress.files });
  };
  let result = await work();
  const done: string[] = [];
  if (values.fix) {
    const fixed = await applyFixes(result, (paths) => {
      for (const path of paths) sources.delete(path);
      project.touched(paths);
      return work();
    });
    done.push(...fixed.done.map(({ path, sentence }) => `${display(path)}: ${sentence}`));
    result = fixed.result;
  }
  progress.end();
  if (snapshot !== undefined)
    checkEngine(
      snapshot,
      result.files.flatMap(({ document }) => queriesOf(document)),
    );
  let findings: readonly Finding[] = [...result.files.flatMap((file) => file.findings), ...result.databases];
  const unchecked = [...missed, ...result.unchecked, ...result.files.flatMap((file) => file.unchecked)];
  if (values.baseline !== undefined) {
    const file = resolve(values.baseline);
    const context: BaselineContext = { display: (path) => relative(dirname(file), path).replaceAll('\\', '/'), source };
    if (values['write-baseline']) {
      await writeFile(file, writeBaseline(findings, context));
      done.push(`${values.baseline}: ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'} written; they no longer count`);
      findings = [];
    } else findings = withoutBaseline(findings, await baselineOf(file, values.baseline), context);
  }
  const report: Report = {
    version,
    findings,
    unchecked: unique(unchecked),
    files: result.files.length,
    milliseconds: Math.round(performance.now() - started),
    display,
    source,
    done,
  };
  run.print(print(format, report, cwd, run));
  // A database that was there and then could not answer was asked for just as well.
  if (missed.length > 0 || unchecked.some(({ path }) => labels.has(path))) return 3;
  if (failOn !== 'never' && findings.some(({ severity }) => severityRank[severity] <= severityRank[failOn])) return 1;
  return 0;
}

function print(format: 'text' | 'json' | 'sarif' | 'github', report: Report, cwd: string, run: Run): string {
  if (format === 'json') return formatJson(report);
  if (format === 'github') return formatGithub(report);
  if (format === 'text') return formatText(report, wantsColour(run.isTerminal, run.environment));
  const descriptions = catalogue.map(({ rule, page }) => ({ id: rule.id, severity: rule.severity, page }));
  return formatSarif(report, descriptions, `${pathToFileURL(cwd).href}/`);
}

/** Standard input stands in the working directory, so that its settings and schema apply. */
async function checkInput(
  project: Project,
  language: string,
  path: string,
  sources: Map<string, SourceText>,
  run: Run,
): Promise<CheckResult> {
  const input = decode(await run.input());
  if ('unchecked' in input) throw new UsageError(`standard input ${input.unchecked}`);
  sources.set(path, sourceText(input.text));
  project.open(path, language, input.text, 1);
  const file = await project.check(path, 'all', run.signal);
  const unchecked = input.damaged === undefined ? [] : [{ path, reason: input.damaged }];
  return { files: file === undefined ? [] : [file], databases: [], unchecked };
}

/** `--language` is about the files that are named, not about those in named folders. */
function openAs(project: Project, named: readonly string[], language: string): void {
  for (const name of named) {
    const path = normalPath(name);
    const file = readText(path);
    if (!('unchecked' in file)) project.open(path, language, file.text, 1);
  }
}

async function baselineOf(file: string, shown: string) {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    throw new UsageError(`--baseline ${shown} cannot be read; write it first with --write-baseline`);
  }
  const entries = readBaseline(text);
  if ('error' in entries) throw new UsageError(`--baseline ${shown} ${entries.error}`);
  return entries;
}

function unique(unchecked: readonly Unchecked[]): Unchecked[] {
  const seen = new Map(unchecked.map((entry) => [`${entry.path}\u0000${entry.reason}`, entry] as const));
  return [...seen.values()];
}
