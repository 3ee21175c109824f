/** One project for all pages, so that each embedded engine starts once; every example gets a folder of its own. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Fault } from '../../server/analysis/analyze.ts';
import type { FactTypes, Plan, Target } from '../../server/analysis/facts.ts';
import type { AnyRule, Finding } from '../../server/analysis/rule.ts';
import { EngineError } from '../../server/engines/engine.ts';
import { createProject } from '../../server/workspace/create-project.ts';
import { parseTarget } from '../../server/workspace/target.ts';
import type { Section } from './pages.ts';
import { aged, createLiveDatabases } from './pages-live.ts';
import { snapshotOf } from './pages-snapshot.ts';

export interface Bench {
  /** Writes a section's files into a folder of their own, with a script after its schema or another text for one file; answers the folder. */
  place(section: Section, change?: { readonly script: string } | { readonly name: string; readonly text: string }): string;
  check(folder: string, section: Section): Promise<{ readonly findings: readonly Finding[]; readonly faults: readonly Fault[] }>;
  /** The plan of the statement that a finding of the last check is about. */
  plan(finding: Finding): Promise<Plan | undefined>;
  close(): Promise<void>;
}

export function createBench(rules: readonly AnyRule[]): Bench {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tunelens-pages-')));
  let rows: Section['rows'] = {};
  let age = 0;
  const databases = createLiveDatabases();
  const counting = rules.map((rule) =>
    aged(
      withRows(rule, () => rows),
      () => age,
    ),
  );
  const plain = createProject({ roots: [], trusted: false, log: () => {}, rules: counting });
  // A snapshot is for a whole project, so that a section with statistics has one of its own.
  const special: ReturnType<typeof createProject>[] = [];
  let project = plain;
  let placed = 0;
  let open: readonly string[] = [];
  const files = new Map<string, string[]>();
  /** The example before is gone before the next is looked at: facts that span files must not see both. */
  const clear = async () => {
    for (const path of open) rmSync(path);
    plain.touched(open);
    open = [];
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return {
    place(section, change) {
      const folder = join(root, `example-${++placed}`);
      const paths: string[] = [];
      files.set(folder, paths);
      const write = (name: string, text: string) => {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
        paths.push(join(folder, name));
      };
      if (section.schema !== undefined) write('migrations/0001_schema.sql', section.schema);
      for (const file of section.files) write(file.name, change && 'name' in change && change.name === file.name ? change.text : file.text);
      if (change && 'script' in change) write('migrations/9999_fix.sql', change.script);
      return folder;
    },
    async check(folder, section) {
      rows = section.rows;
      age = section.age;
      const dialects = section.dialect === undefined ? [] : [{ files: '**', dialect: section.dialect }];
      const target = section.target === undefined ? {} : targetOf(section.target);
      await clear();
      const snapshot = snapshotOf(section, folder);
      await special.pop()?.dispose();
      const url = section.live === undefined ? undefined : await databases.open(section);
      project =
        snapshot === undefined && url === undefined
          ? plain
          : createProject({ roots: [], trusted: url !== undefined, log: () => {}, rules: counting, snapshot });
      if (project !== plain) special.push(project);
      project.configure({ roots: [folder], overrides: { dialects, target } });
      if (url !== undefined) await project.connect(url);
      open = files.get(folder) ?? [];
      const results = [];
      for (const path of open) {
        const result = await project.check(path, 'all');
        if (result !== undefined) results.push(result);
      }
      return { findings: results.flatMap((result) => result.findings), faults: results.flatMap((result) => result.faults) };
    },
    async plan(finding) {
      const query = project.queryAt(finding.path, finding.span.start);
      if (query === undefined) return undefined;
      try {
        const explained = await project.explain(finding.path, query);
        return explained.outcome === 'planned' ? explained.plan : undefined;
      } catch (error) {
        if (error instanceof EngineError && error.kind === 'unsupported') return undefined;
        throw error;
      }
    },
    async close() {
      for (const one of [plain, ...special]) await one.dispose();
      await databases.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function targetOf(text: string): Target {
  const parsed = parseTarget(text);
  if ('error' in parsed) throw new Error(parsed.error);
  return parsed.target;
}

/** The rule with the row counts that a section gives, as a connected database would. */
function withRows(rule: AnyRule, rows: () => Section['rows']): AnyRule {
  const wanted = [...rule.needs, ...(rule.wants ?? [])].includes('statistics');
  if (!wanted) return rule;
  return {
    ...rule,
    needs: rule.needs.filter((name: string) => name !== 'statistics'),
    *check(subject: never, facts: never) {
      const counted = rows();
      const statistics: FactTypes['statistics'] = {
        grade: 'live',
        source: 'counted',
        rows: (table) => counted[table],
        table: (name) => (counted[name] === undefined ? undefined : { table: name, rows: counted[name] }),
      };
      if (Object.keys(counted).length > 0) yield* rule.check(subject, { ...(facts as object), statistics } as never);
      else if (!rule.needs.includes('statistics')) yield* rule.check(subject, facts);
    },
  };
}
