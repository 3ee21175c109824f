/** Facts for the subjects of a document: exactly those that the rules name, from the text, an embedded engine or a connection. */
import { factsFor, type Questions, type Subject } from '../analysis/analyze.ts';
import type { Document, Query } from '../analysis/document.ts';
import type { FactName, FactTypes } from '../analysis/facts.ts';
import type { Dialect, EngineId } from '../analysis/sql/statement.ts';
import { type Connection, EngineError, type Explained, type Snapshot } from '../engines/engine.ts';
import { engineFor, redactUrl } from '../engines/registry.ts';
import type { Advice, AdviseOptions } from './advice.ts';
import type { AdviseContext } from './advise-context.ts';
import { createConnections } from './connections.ts';
import { resolveDialects } from './dialects.ts';
import { indexAdvice } from './index-advice.ts';
import { createLiveDatabases, type LiveDatabases } from './live-databases.ts';
import { asItIs, createPlanners } from './planners.ts';
import type { Configuration, PlannedBy, Unchecked } from './project.ts';
import { queryFacts } from './query-facts.ts';
import { buildsSchema, isPlannable, isProbe, queriesOf } from './relations.ts';
import { createSnapshotDatabase } from './snapshot-database.ts';
import { isSuperseded } from './superseded.ts';
import { createWorkspaceFacts } from './workspace-facts.ts';

export interface GathererOptions {
  readonly log: (line: string) => void;
  readonly trusted: () => boolean;
  /** Statistics that a person named, to plan with where no connection holds a statement's tables. */
  readonly snapshot?: Snapshot | undefined;
  readonly configuration: (path: string) => Configuration;
  /** The folder of the project that a file belongs to. */
  readonly projectRoot: (path: string) => string;
  /** The opened folder that a file stands in. */
  readonly top: (path: string) => string;
  /** Findings may change for a reason outside the files: a connection came or went. */
  readonly onChange: () => void;
}
export interface GatherRequest {
  readonly asked: Questions;
  /** Every document of the workspace; undefined until all were read. */
  readonly documents: readonly Document[] | undefined;
  /** Those read so far. */
  readonly known: readonly Document[];
  /** Whether engines may be asked and waited for; otherwise only what they said before is used. */
  readonly engines: boolean;
  readonly signal?: AbortSignal | undefined;
}
export interface Gathered {
  readonly factsOf: (subject: Subject) => Partial<FactTypes>;
  /** Keys of the subjects in bodies that a later statement made anew: nothing is said about them. */
  readonly superseded: ReadonlySet<string>;
  /** False when an engine has still to be asked. */
  readonly complete: boolean;
}
export interface Gatherer {
  /** The dialects of files that do not tell it themselves. */
  dialects(documents: readonly Document[]): ReadonlyMap<string, Dialect>;
  /** Some document creates a table. */
  holdsSchema(documents: readonly Document[]): boolean;
  gather(request: GatherRequest): Promise<Gathered>;
  explain(path: string, query: Query, documents: readonly Document[]): Promise<Explained & PlannedBy>;
  advise(
    documents: readonly Document[],
    options: AdviseOptions,
    read: Pick<AdviseContext, 'isCounted' | 'schemaDocument' | 'display'>,
  ): Promise<Advice>;
  /** Throws EngineError. */
  connect(url: string, password?: string): Promise<Connection>;
  disconnect(label: string): Promise<void>;
  connections(): readonly Connection[];
  /** The connected databases, for the rules about them. Only those that `documents`, every document of the workspace, were read for. */
  databases(documents: readonly Document[], ask: boolean): ReturnType<LiveDatabases['of']>;
  /** What could not be looked at, beyond single files. */
  unchecked(): readonly Unchecked[];
  /** Settings changed: what was worked out from them no longer holds. */
  forget(): void;
  dispose(): Promise<void>;
}

/** Questions that are on their way to an engine at the same time: enough to hide the way there and back. */
const AT_ONCE = 8;

export function createGatherer(options: GathererOptions): Gatherer {
  const problems = new Map<string, Unchecked>();
  const connections = createConnections(
    (live, reason) => {
      problems.set(`${live.connection.label} ${reason}`, { path: live.connection.label, reason });
      options.log(`${live.connection.label}: ${reason}`);
    },
    () => options.onChange(),
  );
  const planners = createPlanners(options.log);
  const snapshot = options.snapshot === undefined ? undefined : createSnapshotDatabase(options.snapshot);

  const workspace = createWorkspaceFacts(options);
  let everything: readonly Document[] = [];
  const live = createLiveDatabases(
    connections,
    () => ({ documents: everything, schemas: (engine) => workspace.databases(everything).declared(engine) }),
    (label, reason) => problems.set(`${label} ${reason}`, { path: label, reason }),
  );
  /** Paths whose dialect nothing tells. */
  let assumed: ReadonlySet<string> = new Set();

  return {
    dialects(documents) {
      const resolved = resolveDialects(documents, {
        projectRoot: options.projectRoot,
        connected: [
          ...connections.all.map(({ connection }) => connection.engine),
          ...(options.snapshot === undefined ? [] : [options.snapshot.engine]),
        ],
        assumed,
      });
      assumed = resolved.assumed;
      return resolved.dialects;
    },
    holdsSchema: (documents) =>
      documents.some(
        (document) =>
          (document.declares?.steps.length ?? 0) > 0 || queriesOf(document).some(({ statement }) => statement.kind === 'create table'),
      ),

    async gather({ asked, documents, known, engines, signal }) {
      const wanted = new Map<string, { readonly subject: Subject; readonly names: ReadonlySet<FactName> }>();
      const live = new Set<EngineId>();
      const { document } = asked;
      for (const question of asked.questions) {
        const { subject } = question;
        const names = factsFor(question);
        if (names.size === 0) continue;
        wanted.set(subject.key, { subject, names });
        const engine = engineOf(subject);
        if (engine !== undefined) live.add(engine);
      }
      const configuration = options.configuration(document.path);
      const facts = new Map<string, Partial<FactTypes>>();
      const superseded = new Set<string>();
      for (const { subject } of documents === undefined ? [] : asked.questions) {
        if (subject.kind !== 'query' || subject.query.within === undefined) continue;
        const database = workspace.databases(documents ?? []).of(subject.query, engines);
        if (database === undefined || !isSuperseded(document.path, subject.query, database)) continue;
        superseded.add(subject.key);
        wanted.delete(subject.key);
      }
      let complete = true;
      if (engines && live.size > 0 && connections.all.length > 0) await connections.prepare(live);

      const work: (() => Promise<void>)[] = [];
      for (const [key, { subject, names }] of wanted) {
        const found: { -readonly [Name in FactName]?: FactTypes[Name] } = {};
        facts.set(key, found);
        if (names.has('target')) found.target = configuration.target;
        if (names.has('calls')) {
          const { calls, current } = workspace.calls(known, engines);
          found.calls = calls;
          if (!current) complete = false;
        }
        if (names.has('documents')) {
          if (documents === undefined) complete = false;
          else found.documents = documents;
        }
        if (names.has('workspaceSettings')) {
          if (documents === undefined) complete = false;
          else found.workspaceSettings = workspace.settings(documents);
        }
        if (names.has('liveSettings')) {
          work.push(async () => {
            const answer = await liveSettingsFor(engineOf(subject), engines);
            if (answer === 'later') complete = false;
            else if (answer !== undefined) found.liveSettings = answer;
          });
        }
        if (
          subject.kind === 'query' &&
          asksDatabase(names) &&
          (isPlannable(subject.query) || buildsSchema(subject.query) || isProbe(subject.query))
        ) {
          if (documents === undefined) {
            complete = false;
            continue;
          }
          const database = workspace.databases(documents).of(subject.query, engines);
          work.push(async () => {
            const answer = await queryFacts({
              query: subject.query,
              names,
              database,
              connections,
              snapshot,
              planners,
              configuration,
              engines,
              assumed: assumed.has(document.path),
            });
            Object.assign(found, answer.facts);
            if (!answer.complete) complete = false;
            const problem = database && planners.problem(database.blueprint);
            if (problem !== undefined) {
              const reason = `the SQL of this folder could not be planned: ${problem}`;
              problems.set(`${database?.root} ${reason}`, { path: database?.root ?? '', reason });
            }
          });
        }
      }
      await inParallel(work, signal);
      return { factsOf: (subject) => facts.get(subject.key) ?? {}, superseded, complete };
    },

    async explain(path, query, documents) {
      if (!isPlannable(query)) throw new EngineError('unsupported', notPlannable(query));
      const engine = query.dialect;
      if (engine !== 'sqlite' && engine !== 'postgres') {
        throw new EngineError(
          'unsupported',
          `There is no engine for ${engine === 'unknown' ? 'this statement: its dialect is not known; declare it in tunelens.toml under [dialects]' : engine}.`,
        );
      }
      await connections.prepare(new Set([engine]));
      const database = workspace.databases(documents).of(query, true);
      const request = { query, database, connections, snapshot, planners, configuration: options.configuration(path), assumed: false };
      const live = connections.holding(engine, query.statement);
      if (live !== undefined) {
        const answer = await live.connection.explain(query.sql);
        if (answer.outcome === 'planned') return { ...answer, source: live.connection.label, advice: await indexAdvice(request) };
        if (answer.outcome !== 'refused') return { ...answer, source: live.connection.label };
      }
      if (database === undefined) throw new EngineError('unsupported', 'The statement belongs to no database that is known.');
      // Whoever names statistics wants to be told what that database says, be it that it has no such table.
      const named = snapshot?.snapshot.engine === engine ? snapshot : undefined;
      const blueprint = named === undefined ? database.blueprint : asItIs(named.blueprint(database, database.blueprint.assumedRows));
      const answer = await planners.explain(blueprint, query.sql);
      if (answer === undefined) {
        throw new EngineError('internal', planners.problem(blueprint) ?? 'The embedded engine took too long; connect to a database.');
      }
      const planner = planners.sourceOf(blueprint, await planners.load(blueprint));
      const advice = answer.outcome === 'planned' ? await indexAdvice(request) : undefined;
      return named === undefined
        ? { ...answer, source: planner, advice }
        : { ...answer, source: `${planner} with ${named.snapshot.label}`, twin: true, advice };
    },

    async advise(documents, adviseOptions, read) {
      await connections.prepare(new Set<EngineId>(['sqlite', 'postgres']));
      // The search is a room of its own that few sessions enter.
      const { advise } = await import('./advise.ts');
      const { configuration } = options;
      return advise({ ...read, documents, databases: workspace.databases(documents), connections, planners, configuration }, adviseOptions);
    },

    async connect(url, password) {
      if (!options.trusted()) {
        throw new EngineError('permission', 'This folder is not trusted, so no database is connected to; trust it first.');
      }
      const engine = engineFor(url);
      if (engine === undefined) {
        throw new EngineError(
          'unsupported',
          `${redactUrl(url)} is no database TuneLens knows; name sqlite:PATH, a SQLite file or postgres://….`,
        );
      }
      const connection = await engine.connect(url, { password });
      const twice = connections.all.find(
        (live) => live.connection.label === connection.label && live.connection.engine === connection.engine,
      );
      if (twice !== undefined) await connections.remove(twice.connection.label);
      connections.add(connection);
      options.onChange();
      return connection;
    },
    async disconnect(label) {
      await connections.remove(label);
      for (const [key, { path }] of problems) if (path === label) problems.delete(key);
      options.onChange();
    },
    databases(documents, ask) {
      everything = documents;
      return live.of(ask);
    },
    connections: () => connections.all.map(({ connection }) => connection),
    unchecked: () => [...problems.values()],
    forget: () => workspace.forget(),
    async dispose() {
      await Promise.allSettled([connections.dispose(), planners.dispose()]);
    },
  };

  async function liveSettingsFor(engine: EngineId | undefined, ask: boolean): Promise<FactTypes['liveSettings'] | 'later' | undefined> {
    const of = connections.all.filter(({ connection, lost }) => connection.engine === engine && lost === undefined);
    const [live] = of;
    // With two servers nobody knows which of them a file of settings is for.
    if (engine === undefined || live === undefined || of.length > 1) return undefined;
    try {
      const settings = ask ? await live.settings() : live.knownSettings();
      if (settings === undefined) return 'later';
      return { grade: 'live', source: live.connection.label, engine, get: (key) => settings.get(key.toLowerCase()) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      problems.set(`${live.connection.label} ${reason}`, { path: live.connection.label, reason });
      return undefined;
    }
  }
}

const databaseFacts: readonly FactName[] = ['schema', 'statistics', 'plan', 'whatIf', 'rejection'];
const asksDatabase = (names: ReadonlySet<FactName>): boolean => databaseFacts.some((name) => names.has(name));

function engineOf(subject: Subject): EngineId | undefined {
  const name = subject.kind === 'query' ? subject.query.dialect : subject.kind === 'setting' ? subject.setting.system : undefined;
  return name === 'sqlite' || name === 'postgres' ? name : undefined;
}

function notPlannable({ plannable, statement }: Query): string {
  if (!plannable) return 'Part of this statement is put together at run time, so no engine can plan it.';
  return `A statement of this kind (${statement.kind === 'other' ? statement.verb : statement.kind}) has no plan.`;
}

async function inParallel(work: readonly (() => Promise<void>)[], signal: AbortSignal | undefined): Promise<void> {
  let next = 0;
  const runner = async () => {
    for (let task = work[next++]; task !== undefined; task = work[next++]) {
      signal?.throwIfAborted();
      await task();
    }
  };
  const all = Promise.all(Array.from({ length: Math.min(AT_ONCE, work.length) }, runner));
  if (signal === undefined) {
    await all;
    return;
  }
  // Answers that come after the caller gave up are still kept for the next one who asks.
  all.catch(() => undefined);
  await new Promise<void>((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    all.then(() => resolve(), reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
