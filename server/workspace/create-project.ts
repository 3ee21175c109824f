import type { Document, Query } from '../analysis/document.ts';
import type { AnyRule } from '../analysis/rule.ts';
import { rules } from '../analysis/rules/index.ts';
import type { Snapshot } from '../engines/engine.ts';
import { createChecker } from './check-file.ts';
import { testPath } from './databases.ts';
import { globsMatcher, isIgnored, nearestFolder, walk } from './files.ts';
import { createGatherer } from './gather.ts';
import { folderOf, isWithin, normalPath, relativeTo } from './paths.ts';
import type { CheckResult, Configuration, FileResult, Project, Unchecked } from './project.ts';
import { queriesOf } from './relations.ts';
import { createProjectRoots, projectAround } from './roots.ts';
import { createSettings, SETTINGS_FILE, severityFor } from './settings.ts';
import { createStore } from './store.ts';

export interface ProjectOptions {
  readonly roots: readonly string[];
  readonly overrides?: Partial<Configuration> | undefined;
  /** Without trust nothing is connected to. */
  readonly trusted: boolean;
  /** One line for the log: a rule or an engine that failed. Never a password. */
  readonly log: (line: string) => void;
  /** Statistics to plan with where no connection holds a statement's tables. */
  readonly snapshot?: Snapshot | undefined;
  /** Only these rules; all where absent. For tests of one rule. */
  readonly rules?: readonly AnyRule[] | undefined;
}

/** Several files wait for their engines at the same time, so that each of the engines always has something to do. */
const FILES_AT_ONCE = 16;

export function createProject(options: ProjectOptions): Project {
  let roots = options.roots.map(normalPath);
  let overrides: Partial<Configuration> = options.overrides ?? {};
  let trusted = options.trusted;
  const known = options.rules ?? rules;
  const listeners = new Set<(paths: readonly string[] | 'all') => void>();
  const projectRoots = createProjectRoots();

  const settings = createSettings(
    () => overrides,
    (globs, base, path) => {
      const from = base ?? roots.find((root) => isWithin(root, path)) ?? folderOf(path);
      return isWithin(from, path) && globsMatcher(globs)(relativeTo(from, path));
    },
  );
  /** The folder a file was opened or named under; its own folder where the file itself was named. */
  const rootOf = (path: string): string | undefined => {
    const root = roots.find((at) => isWithin(at, path));
    return root === path ? folderOf(path) : root;
  };
  const store = createStore((path) => settings.dialectOf(path, folderOf(path)));
  const gatherer = createGatherer({
    log: options.log,
    trusted: () => trusted,
    snapshot: options.snapshot,
    configuration: (path) => settings.of(folderOf(path)),
    projectRoot: (path) => projectRoots.of(folderOf(path), rootOf(path) ?? '/'),
    top: (path) => rootOf(path) ?? folderOf(path),
    onChange: () => stale('all'),
  });
  const stale = (paths: readonly string[] | 'all') => {
    // What was found before is no answer any more, not even for the moment.
    checker.forget(paths);
    for (const listener of listeners) listener(paths);
  };

  const excludes = (folder: string) => {
    const own = settings.excludes(folder);
    const root = roots.find((at) => isWithin(at, folder));
    const said = overrides.exclude ?? [];
    return said.length === 0 || root === undefined ? own : [...own, { folder: root, globs: said }];
  };

  // The index: every file of the roots, read once. Facts that span files wait for it.
  let index: Promise<readonly Unchecked[]> | undefined;
  let indexed = false;
  const indexController = { current: new AbortController() };
  const buildIndex = async (progress?: (done: number, total: number) => void, signal?: AbortSignal): Promise<readonly Unchecked[]> => {
    const walked = await walk(roots, { excludes, signal });
    store.retain(walked.files);
    await store.readMany(walked.files, progress, signal);
    await settle(signal);
    indexed = true;
    return walked.unchecked;
  };
  const ensureIndex = (): Promise<readonly Unchecked[]> => {
    index ??= buildIndex(undefined, indexController.current.signal).catch((error: unknown) => {
      index = undefined;
      if (!indexController.current.signal.aborted) options.log(`The workspace could not be read: ${String(error)}`);
      return [];
    });
    return index;
  };
  const dropIndex = () => {
    store.redeclare();
    indexController.current.abort();
    indexController.current = new AbortController();
    index = undefined;
    indexed = false;
  };
  /** Files whose dialect only the rest of the workspace tells are read once more with it. */
  const settle = async (signal?: AbortSignal): Promise<void> => {
    const again = store.setDialects(gatherer.dialects(store.documents()));
    await store.readMany(again, undefined, signal);
  };

  const checker = createChecker({ store, gatherer, settings, rules: known, log: options.log, isIndexed: () => indexed });

  return {
    open(path, language, text, version) {
      store.open(normalPath(path), language, text, version);
    },
    change(path, text, version) {
      store.change(normalPath(path), text, version);
    },
    close(path) {
      checker.forget([normalPath(path)]);
      store.close(normalPath(path));
    },
    touched(paths) {
      const normal = paths.map(normalPath);
      const configured = normal.filter((path) => path.endsWith(`/${SETTINGS_FILE}`) || path.endsWith('/.gitignore'));
      projectRoots.forget();
      if (configured.length > 0) {
        settings.forget();
        dropIndex();
        stale('all');
        return;
      }
      for (const path of normal) store.invalidate(path);
      void refresh(normal).then((changed) => {
        if (changed) stale('all');
      });
    },
    configure(change) {
      if (change.roots !== undefined) roots = change.roots.map(normalPath);
      if (change.overrides !== undefined) overrides = change.overrides;
      if (change.trusted !== undefined) trusted = change.trusted;
      settings.forget();
      projectRoots.forget();
      gatherer.forget();
      dropIndex();
      stale('all');
    },
    async check(path, facts, signal, scope) {
      const normal = normalPath(path);
      signal?.throwIfAborted();
      if (facts === 'all') {
        await ensureIndex();
        signal?.throwIfAborted();
      }
      const file = await store.read(normal);
      // What is being typed in another open file counts, too: a migration, a model.
      for (const open of store.openPaths()) if (open !== normal) await store.read(open);
      signal?.throwIfAborted();
      if (file === undefined) return undefined;
      if (facts === 'all') {
        await settle(signal);
        const again = await store.read(normal);
        return again === undefined ? undefined : checker.check(again, facts, signal, scope);
      }
      return checker.check(file, facts, signal, scope);
    },
    async checkAll(paths, { signal, progress, file: report }) {
      const walked = await walk(paths.length === 0 ? roots : paths, { excludes, signal });
      await store.readMany(walked.files, progress, signal);
      await context(paths, signal);
      const results: (FileResult | undefined)[] = walked.files.map(() => undefined);
      let next = 0;
      const worker = async () => {
        for (let at = next++; at < walked.files.length; at = next++) {
          signal?.throwIfAborted();
          const file = await store.read(walked.files[at] ?? '');
          if (file === undefined) continue;
          const result = await checker.check(file, 'all', signal);
          results[at] = result;
          report?.(result);
        }
      };
      await Promise.all(Array.from({ length: FILES_AT_ONCE }, worker));
      const files = results.filter((result) => result !== undefined);
      const labels = new Set(gatherer.connections().map(({ label }) => label));
      const { findings } = await checker.live(true);
      const configuration = settings.of(roots[0] ?? normalPath('.'));
      const databases = findings.flatMap((finding) => {
        const severity = severityFor(configuration, finding.rule);
        if (!labels.has(finding.path) || severity === 'off') return [];
        return [severity === undefined ? finding : { ...finding, severity }];
      });
      const unchecked = [...walked.unchecked, ...settings.problems, ...gatherer.unchecked()];
      return { files, databases, unchecked } satisfies CheckResult;
    },
    document: (path) => store.peek(normalPath(path)),
    queryAt(path, offset) {
      const document = store.peek(normalPath(path));
      return document === undefined ? undefined : queryIn(document, offset);
    },
    explain: (path, query, signal) => explain(normalPath(path), query, signal),
    async advise(asked) {
      const { signal, progress } = asked;
      const named = asked.paths === undefined ? roots : asked.paths.map(normalPath);
      // With nothing named that says what the schema is, the repository's own does, whether or not its statements count.
      const isNeeded = asked.snapshot === undefined && asked.schema === undefined && gatherer.connections().length === 0;
      if (isNeeded && named.length === 0) {
        await ensureIndex();
        await settle(signal);
      }
      const walked = await walk(named, { excludes, signal });
      await store.readMany(walked.files, (done, total) => progress?.(`${done} of ${total} files`, done / total), signal);
      if (named.length > 0) await context(named, signal);
      const schemaPath = asked.schema === undefined ? undefined : normalPath(asked.schema);
      const schemaDocument = schemaPath === undefined ? undefined : (await store.read(schemaPath))?.document;
      const counted = new Set(walked.files);
      return gatherer.advise(store.documents(), asked, {
        isCounted: (path) => counted.has(path) && path !== schemaPath && (named.includes(path) || !testPath.test(displayed(path))),
        schemaDocument,
        display: (path) => displayed(path),
      });
    },
    connect: (url, password) => gatherer.connect(url, password),
    disconnect: (label) => gatherer.disconnect(label),
    get connections() {
      return gatherer.connections();
    },
    onStale(listener) {
      listeners.add(listener);
    },
    async files() {
      return (await walk(roots, { excludes })).files;
    },
    async dispose() {
      indexController.current.abort();
      listeners.clear();
      store.dispose();
      await gatherer.dispose();
    },
  };

  /** As seen from the opened folder it stands in. */
  function displayed(path: string): string {
    const root = roots.find((at) => isWithin(at, path));
    return root === undefined ? path : relativeTo(root, path);
  }

  async function explain(path: string, query: Query, signal: AbortSignal | undefined) {
    await ensureIndex();
    const file = await store.read(path);
    signal?.throwIfAborted();
    // The file may have been read again since the caller got hold of the query: then it is the same words that count.
    const queries = file === undefined ? [] : queriesOf(file.document);
    const current = queries.includes(query) ? query : (queries.find(({ sql }) => sql === query.sql) ?? query);
    return gatherer.explain(path, current, store.documents());
  }

  /** What the named paths need beyond themselves: the project around them, where they hold no schema of their own. */
  async function context(paths: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const asked = paths.map(normalPath);
    // In an editor the roots are the whole workspace; on the command line they are what was named. An index that is
    // being built is waited for: until its files have their dialects, a schema may look as if it were not there.
    if (index !== undefined || asked.some((path) => !roots.includes(path))) await ensureIndex();
    else if (!indexed) {
      const around = gatherer.holdsSchema(store.documents()) ? [] : asked.map((path) => projectAround(nearestFolder(path)));
      if (around.length > 0) {
        const walked = await walk([...new Set(around)], { excludes, signal });
        await store.readMany(walked.files, undefined, signal);
      }
      indexed = true;
    }
    await settle(signal);
  }

  /** Brings changed files into the index; answers whether a document came, changed or went. */
  async function refresh(paths: readonly string[]): Promise<boolean> {
    if (index === undefined) return true;
    await index;
    const before = store.revision;
    const { statSync } = await import('node:fs');
    for (const path of paths) {
      let exists = true;
      try {
        exists = statSync(path).isFile();
      } catch {
        exists = false;
      }
      if (!exists) store.remove(path);
      else if (store.has(path) || !(await isIgnored(path, roots))) await store.read(path);
    }
    return store.revision !== before;
  }
}

function queryIn(document: Document, offset: number): Query | undefined {
  const own = document.queries.filter(({ span }) => span.start <= offset && offset <= span.end);
  // The shortest: a statement inside another one is what the cursor means.
  const best = own.sort((left, right) => left.span.end - left.span.start - (right.span.end - right.span.start))[0];
  if (best !== undefined) return best;
  for (const part of document.parts) {
    const found = queryIn(part, offset);
    if (found !== undefined) return found;
  }
  return undefined;
}
