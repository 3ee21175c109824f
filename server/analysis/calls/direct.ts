/** Whether a call itself goes to a database, a cache or the network, and on what evidence. */
import type { Call, Query } from '../document.ts';
import type { Driver, Ecosystem, ReachKind } from './drivers/driver.ts';
import { redisReads } from './drivers/redis-commands.ts';
import { driversOf } from './drivers.ts';
import { methodKind, type Origin, type Origins } from './origins.ts';
import { lastName } from './paths.ts';
import { type Summary, scopesFrom } from './summary.ts';
import type { WorkspaceIndex } from './workspace-index.ts';

export interface Direct {
  readonly kind: ReachKind;
  /** The database runs in the process. */
  readonly inProcess: boolean;
  /** It changes something, or may. */
  readonly writes: boolean;
  /** It runs on what does one thing at a time: a connection, a session, a transaction. */
  readonly exclusive: boolean;
}

interface Found {
  readonly kind: ReachKind;
  readonly driver?: Driver | undefined;
  readonly query?: Query | undefined;
}

/** Methods that send the statement they are given. */
const executing =
  /^(execute\w*|exec\w*|query\w*|fetch\w*|select\w*|get\w*|all|one\w*|none|many\w*|any|first\w*|run|raw|each|iterate|scalars?|load\w*|insert|update|delete|unsafe|stream|maybeOne\w*|\$(query|execute)Raw\w*|named\w*|MustExec|find|scan|row\w*|optional|send|sql)!?$/i;
/** Rust builds with `query(…)` and sends with what follows in the chain. */
const builders = /^(sqlx::|diesel::)|^(text|sql)$|(^|\.)(Expr|NewQuery|NewRaw)$/;
/** Many rows or keys at once: the cure. */
const bulk =
  /^(executemany|execute_many|execute_batch|execute_values|executescript|copy_\w+|CopyFrom|copyFrom|bulk\w*|insert_many|insertMany|createMany\w*|batch\w*|CreateInBatches|mget|mset|SendBatch)$/i;

export function directReach(summary: Summary, index: number, origins: Origins, workspace: WorkspaceIndex): Direct | undefined {
  const call = summary.document.calls[index];
  if (call === undefined || bulk.test(call.name)) return undefined;
  const query = summary.queryOf.get(index);
  const found =
    query === undefined ? withoutQuery(summary, index, call, origins, workspace) : withQuery(summary, index, call, query, origins);
  if (found === undefined) return undefined;
  return {
    kind: found.kind,
    inProcess: inProcess(found, origins.local(summary)),
    writes: writes(summary, index, call, found),
    exclusive: exclusive(summary, index, call, found),
  };
}

/** Statements that read or write rows; DDL, settings and transaction control are no cost of a loop over data. */
function kindOfQuery(query: Query): ReachKind | undefined {
  switch (query.statement.kind) {
    case 'select':
      return 'query';
    case 'insert':
    case 'update':
    case 'delete':
      return 'write';
    case 'other': {
      const verb = query.statement.verb;
      if (/^(COMMIT|END)\b/.test(verb)) return 'commit';
      return /^(WITH|CALL|EXEC|MERGE|REPLACE|VALUES)\b/.test(verb) ? 'query' : undefined;
    }
    default:
      return undefined;
  }
}

/** A call that is handed a statement: certain, unless it only builds or prepares it. */
function withQuery(summary: Summary, index: number, call: Call, query: Query, origins: Origins): Found | undefined {
  const kind = kindOfQuery(query);
  if (kind === undefined || builders.test(summary.paths[index] ?? '')) return undefined;
  const on = call.receiver === undefined ? undefined : origins.receiver(summary, index);
  if (on?.kind === 'queue') return undefined;
  const driver = on?.kind === 'driver' ? on.driver : undefined;
  // What is prepared is sent by a later call of the chain, which is asked for itself.
  if (/^prepare/i.test(call.name)) return { kind: 'prepare', driver, query };
  if (call.receiver === undefined) {
    // sql`…` of postgres.js is sent when awaited; elsewhere a plain function only builds, or is one of the repository.
    const tag = call.awaited
      ? origins.local(summary).find((each) => each.id === 'node:postgres.js' && each.receivers?.test(call.name))
      : undefined;
    if (tag !== undefined) return { kind, driver: tag, query };
    if (!/^(execute|query|fetch|exec)\w*$/i.test(call.name)) return undefined;
  }
  return driver !== undefined || executing.test(call.name) ? { kind, driver, query } : undefined;
}

/** A call without a statement: by the library its receiver comes from, or by names beside an import of it. */
function withoutQuery(summary: Summary, index: number, call: Call, origins: Origins, workspace: WorkspaceIndex): Found | undefined {
  const path = summary.paths[index] ?? '';
  const local = origins.local(summary);
  for (const driver of local) {
    const kind = driver.functions?.[path];
    if (kind !== undefined && !shadowed(summary, path, workspace)) return { kind, driver };
  }
  if (call.receiver === undefined || !mayReach(summary.ecosystem, call.name)) return undefined;
  const receiver = receiverPath(summary, index);
  const on = origins.receiver(summary, index);
  if (on?.kind === 'queue' || on?.kind === 'plain' || /(^|\.|_)(pipe|pipeline|multi|batch)$/i.test(receiver)) return undefined;
  if (on?.kind === 'driver') {
    const kind = methodKind(on.driver, call.name);
    return kind === undefined ? undefined : { kind, driver: on.driver };
  }
  // A type of the repository that has this method is asked for what the method does.
  if (on !== undefined && workspace.methods(summary.ecosystem, on.name).some((method) => method.name === call.name)) return undefined;
  const known = workspace.drivers(summary.ecosystem);
  for (const driver of known) {
    const kind = driver.distinctive?.[call.name];
    if (kind !== undefined) return { kind, driver };
  }
  for (const driver of known) {
    if (driver.given === undefined || (call.chain === undefined && !/::(table|dsl)\b/.test(receiver))) continue;
    const kind = driver.methods[call.name];
    if (kind !== undefined && call.arguments.some((argument) => driver.given?.test(argument.text))) return { kind, driver };
  }
  return byConvention(summary, call, lastName(receiver), on, local, workspace);
}

/** A declared type that nobody here knows is believed to be a handle only when it is called like one. */
const likeHandle =
  /(DB|Db|Database|Conn|Connection|Client|Pool|Session|Tx|Transaction|Executor|Querier|Redis|Sql|Knex|Store|Repository)s?$/i;

function byConvention(
  summary: Summary,
  call: Call,
  name: string,
  on: Origin | undefined,
  local: readonly Driver[],
  workspace: WorkspaceIndex,
): Found | undefined {
  if (on?.kind === 'type') {
    const types = workspace.types(summary.ecosystem, on.name);
    if (types.some((type) => type.kind === 'class') || (types.length === 0 && !likeHandle.test(on.name))) return undefined;
  }
  for (const driver of local) {
    const kind = methodKind(driver, call.name);
    if (kind !== undefined && driver.receivers?.test(name) === true) return { kind, driver };
  }
  return undefined;
}

function receiverPath(summary: Summary, index: number): string {
  const path = summary.paths[index] ?? '';
  const name = summary.document.calls[index]?.name ?? '';
  return path.slice(0, Math.max(0, path.length - name.length)).replace(/[.:]+$/, '');
}

/** A function of the repository with the library's name (`fetch`). */
function shadowed(summary: Summary, path: string, workspace: WorkspaceIndex): boolean {
  if (/[.:]/.test(path)) return false;
  return workspace
    .functions(summary.ecosystem, path)
    .some((each) => each.document.path === summary.document.path && each.owner === undefined);
}

function inProcess({ driver, query }: Found, local: readonly Driver[]): boolean {
  if (driver !== undefined) return driver.inProcess === true;
  const databases = local.filter(
    (each) => each.modules.length > 0 && each.receivers !== undefined && !/redis|http|requests|axios/.test(each.id),
  );
  if (databases.length > 0) return databases.every((each) => each.inProcess === true);
  return query?.dialect === 'sqlite';
}

function writes(summary: Summary, index: number, call: Call, { kind }: Found): boolean {
  if (kind === 'write' || kind === 'commit') return true;
  if (kind === 'cache') return !redisReads.has(call.name.toLowerCase());
  if (kind !== 'network') return false;
  if (call.arguments.some((argument) => argument.name === 'method' && !/^['"`](GET|HEAD)['"`]$/i.test(argument.text))) return true;
  return !/^(get|head|fetch|send|Get|Head)$/.test(call.name) || /\.(post|put|patch|delete|request)\b/.test(summary.paths[index] ?? '');
}

function exclusive(summary: Summary, index: number, call: Call, { driver }: Found): boolean {
  const shared = driver?.shared;
  if (shared === true) return false;
  if (shared === undefined) return true;
  if (shared.test(receiverPath(summary, index)) || call.arguments.some((argument) => shared.test(argument.text))) return false;
  // `const db = new Pool()`, `db: Pool`.
  const root = receiverPath(summary, index).split(/[.:]/)[0] ?? '';
  const made = summary.bound.get(root)?.some((each) => shared.test(summary.paths[each] ?? ''));
  let declared = false;
  for (const [, scope] of scopesFrom(summary.document, call.function)) {
    declared ||= scope.parameters.some((one) => one.name === root && shared.test(one.type ?? ''));
  }
  return made !== true && !declared;
}

const methodNames = new Map<Ecosystem, ReadonlySet<string>>();

/** Whether any library of the language has a method of that name: most calls are dismissed by this alone. */
function mayReach(ecosystem: Ecosystem, name: string): boolean {
  let names = methodNames.get(ecosystem);
  if (names === undefined) {
    const all = driversOf[ecosystem].flatMap((driver) => [driver, ...(driver.element === undefined ? [] : [driver.element])]);
    names = new Set(all.flatMap((driver) => [...Object.keys(driver.methods), ...Object.keys(driver.distinctive ?? {})]));
    methodNames.set(ecosystem, names);
  }
  return names.has(name) || names.has(name.toLowerCase());
}
