/** Whether a call itself goes to a database, a cache or the network, and on what evidence. */
import type { Call, Query } from '../document.ts';
import type { Driver, Ecosystem, ReachKind } from './drivers/driver.ts';
import { driversOf } from './drivers.ts';
import { methodKind, type Origin, type Origins } from './origins.ts';
import { lastName } from './paths.ts';
import type { Summary } from './summary.ts';
import type { WorkspaceIndex } from './workspace-index.ts';

export interface Direct {
  readonly kind: ReachKind;
  readonly inProcess: boolean;
}

/** Methods that send the statement they are given. */
const executing =
  /^(execute\w*|exec\w*|query\w*|fetch\w*|select\w*|get\w*|all|one\w*|none|many\w*|any|first\w*|run|raw|each|iterate|scalars?|load\w*|insert|update|delete|unsafe|copy\w*|stream|maybeOne\w*|\$(query|execute)Raw\w*|Query\w*|Exec\w*|Get\w*|Select\w*|NamedExec\w*|NamedQuery\w*|MustExec|Raw|Find|First|Scan|Row\w*|optional|send|sql)!?$/i;
/** Methods that only prepare or build it. */
const building =
  /^(prepare\w*|Prepare\w*|text|sql|literal|query|query_as|query_scalar|query_with|query_as_with|Expr|expr|format|sprintf|Sprintf|raw|Raw|bind|sqlx|bindparams|NewQuery|RawSQL|RawSql|from_string|build|sql_query|Statement|from_sql_and_values|NewRaw|join|replace|append|push|push_str|strip|dedent|log|info|debug|warn|error|println|print|add|set|concat|trim|outdent|stripIndent)!?$/;
/** sqlx and diesel in Rust build with `query(…)` and send with what follows. */
const builders = /^(sqlx::|diesel::)|^(text|sql)$|(^|\.)(raw|Expr|NewQuery)$/;
const bulk =
  /^(executemany|execute_many|execute_batch|execute_values|executescript|copy_\w+|CopyFrom|copyFrom|bulk\w*|insert_many|insertMany|createMany\w*|batch\w*|CreateInBatches|mget|mset|SendBatch)$/i;

/** Kinds of statements that read or write rows; DDL, settings and transaction control are no cost of a loop over data. */
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
      if (/^(WITH|CALL|EXEC|MERGE|REPLACE|VALUES)\b/.test(verb)) return 'query';
      return undefined;
    }
    default:
      return undefined;
  }
}

export function directReach(summary: Summary, index: number, origins: Origins, workspace: WorkspaceIndex): Direct | undefined {
  const call = summary.document.calls[index];
  if (call === undefined) return undefined;
  if (bulk.test(call.name)) return undefined;
  const query = summary.queryOf.get(index);
  if (query !== undefined) return withQuery(summary, index, call, query, origins, workspace);
  return withoutQuery(summary, index, call, origins, workspace);
}

/** A call that is handed a statement: certain, unless it only builds or prepares it. */
function withQuery(
  summary: Summary,
  index: number,
  call: Call,
  query: Query,
  origins: Origins,
  workspace: WorkspaceIndex,
): Direct | undefined {
  const kind = kindOfQuery(query);
  if (kind === undefined) return undefined;
  const on = call.receiver === undefined ? undefined : origins.receiver(summary, index);
  if (on?.kind === 'queue') return undefined;
  const inProcess = inProcessHere(summary, on, query, origins);
  const path = summary.paths[index] ?? '';
  if (builders.test(path) || builders.test(call.callee)) return undefined;
  if (/^prepare/i.test(call.name)) {
    // What is sent is sent by a later call of the chain, which is asked for itself.
    return { kind: 'prepare', inProcess };
  }
  if (
    building.test(call.name) &&
    on?.kind !== 'driver' &&
    !(
      call.receiver !== undefined &&
      /^(query\w*|raw|sql)$/.test(call.name) &&
      drivers(summary, origins, workspace).some((driver) => driver.receivers?.test(lastName(receiverPath(summary, index))))
    )
  ) {
    if (!/^query$/.test(call.name) || call.receiver === undefined)
      return taggedTemplate(summary, call, on, origins, workspace) ? { kind, inProcess } : undefined;
  }
  if (!executing.test(call.name) && on?.kind !== 'driver') return undefined;
  return { kind, inProcess };
}

/** sql`…` of postgres.js is sent when awaited; elsewhere the tag only builds. */
function taggedTemplate(summary: Summary, call: Call, on: Origin | undefined, origins: Origins, workspace: WorkspaceIndex): boolean {
  void on;
  return (
    call.receiver === undefined &&
    call.awaited &&
    drivers(summary, origins, workspace).some((driver) => driver.receivers?.test(call.name) === true && driver.id === 'node:postgres.js')
  );
}

function drivers(summary: Summary, origins: Origins, _: WorkspaceIndex): readonly Driver[] {
  return origins.local(summary);
}

function inProcessHere(summary: Summary, on: Origin | undefined, query: Query | undefined, origins: Origins): boolean {
  if (on?.kind === 'driver') return on.driver.inProcess === true;
  const local = origins.local(summary).filter((driver) => driver.modules.length > 0 && driver.receivers !== undefined);
  if (local.length > 0 && local.every((driver) => driver.inProcess === true)) return true;
  return (
    query?.dialect === 'sqlite' &&
    !local.some((driver) => driver.inProcess !== true && /postgres|pg|mysql/.test(driver.id)) &&
    !/D1|libsql/i.test(summary.paths.join(' ').slice(0, 0))
  );
}

function receiverPath(summary: Summary, index: number): string {
  const path = summary.paths[index] ?? '';
  const name = summary.document.calls[index]?.name ?? '';
  return path.slice(0, Math.max(0, path.length - name.length)).replace(/[.:]+$/, '');
}

function withoutQuery(summary: Summary, index: number, call: Call, origins: Origins, workspace: WorkspaceIndex): Direct | undefined {
  const path = summary.paths[index] ?? '';
  const local = origins.local(summary);
  for (const driver of local) {
    const kind = driver.functions?.[path];
    if (kind !== undefined && !shadowed(summary, path, workspace)) return { kind, inProcess: false };
  }
  if (call.receiver === undefined) return undefined;
  const known = workspace.drivers(summary.ecosystem);
  if (!mayReach(summary.ecosystem, call.name)) return undefined;
  const on = origins.receiver(summary, index);
  if (on?.kind === 'queue' || on?.kind === 'plain') return undefined;
  if (/(^|\.|_)(pipe|pipeline|multi|batch)$/i.test(receiverPath(summary, index))) return undefined;
  if (on?.kind === 'driver') {
    const kind = methodKind(on.driver, call.name);
    return kind === undefined ? undefined : { kind, inProcess: on.driver.inProcess === true };
  }
  // A type of the repository that has this method is asked for what the method does.
  if (on?.kind === 'type' && workspace.methods(summary.ecosystem, on.name).some((method) => method.scope.name === call.name))
    return undefined;
  const receiver = receiverPath(summary, index);
  const name = lastName(receiver);
  for (const driver of known) {
    const kind = driver.distinctive?.[call.name];
    if (kind !== undefined && (local.includes(driver) || on === undefined || on.kind === 'type'))
      return { kind, inProcess: driver.inProcess === true };
  }
  for (const driver of known) {
    if (driver.given === undefined || (call.chain === undefined && !/::(table|dsl)\b/.test(receiver))) continue;
    const kind = driver.methods[call.name];
    if (kind !== undefined && call.arguments.some((argument) => driver.given?.test(argument.text))) return { kind, inProcess: false };
  }
  if (on?.kind === 'type' && workspace.types(summary.ecosystem, on.name).some((type) => type.kind === 'class')) return undefined;
  if (on?.kind === 'type' && workspace.types(summary.ecosystem, on.name).length === 0 && !likeHandle.test(on.name)) return undefined;
  for (const driver of local) {
    const kind = methodKind(driver, call.name);
    if (kind === undefined || driver.receivers === undefined || !driver.receivers.test(name)) continue;
    return { kind, inProcess: driver.inProcess === true };
  }
  return undefined;
}

/** A declared type that nobody here knows is believed to be a handle only when it is called like one. */
const likeHandle =
  /(DB|Db|Database|Conn|Connection|Client|Pool|Session|Tx|Transaction|Executor|Querier|Redis|Sql|Knex|Store|Repository)s?$/i;

/** A function of the repository with the library's name (`fetch`). */
function shadowed(summary: Summary, path: string, workspace: WorkspaceIndex): boolean {
  if (/[.:]/.test(path)) return false;
  return workspace.functions(summary.ecosystem, path).some((each) => each.summary === summary && each.scope.owner === undefined);
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
