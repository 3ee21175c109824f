/** Where a program opens its databases, and what it tells the driver there. */
import type { Argument, Call, ConnectionSite, FunctionScope, ImportedName, Query, Setting } from '../document.ts';
import { dsnParameters, withoutPassword } from './connections/dsn.ts';
import { dsnSetting } from './connections/dsn-settings.ts';
import { methodSetting } from './connections/methods.ts';
import { importResolver } from './connections/names.ts';
import { engineOfUrl, type Opener, openerOf } from './connections/openers.ts';
import { nameLength, optionValue, settingOf } from './connections/options.ts';

export interface ConnectionInput {
  readonly language: string;
  readonly calls: readonly Call[];
  readonly imports: readonly ImportedName[];
  readonly queries: readonly Query[];
  readonly functions: readonly FunctionScope[];
}

/**
 * Calls that open a connection, a pool or a client, and the settings written in driver options, DSNs
 * and configuring methods (`pragma`, `busy_timeout`, `SetMaxOpenConns`). Times are in milliseconds
 * whatever unit the driver counts in; Python's `timeout=30.0` is `busy_timeout` 30000. Pool bounds have
 * the keys `pool_max_size`, `pool_min_size`. A call that already stands as a Query gives no second Setting.
 * Total: calls it does not know are passed over.
 */
export function findConnections(input: ConnectionInput): { connections: readonly ConnectionSite[]; settings: readonly Setting[] } {
  const connections: ConnectionSite[] = [];
  const settings: Setting[] = [];
  const { calls } = input;
  if (calls.length === 0) return { connections, settings };
  const resolve = importResolver(input.language, input.imports);
  const modules = input.imports.map((entry) => entry.module);
  const chained = new Map<number, number>();
  for (const [index, call] of calls.entries()) {
    const name = resolve(call.callee);
    const root = chainRoot(calls, index);
    const opener = openerOf(input.language, name, call, modules, root === undefined ? undefined : resolve(root.callee));
    if (opener === undefined) continue;
    const connection = connections.length;
    for (const link of chainOf(calls, index)) chained.set(link, connection);
    const target = targetOf(call, opener);
    connections.push({
      engine: opener.engine,
      driver: opener.driver,
      pool: opener.pool,
      call: index,
      target: target?.value === undefined ? undefined : withoutPassword(target.value),
    });
    settings.push(...optionSettings(call, opener, connection));
    if (target !== undefined) {
      for (const parameter of dsnParameters(target)) {
        const found = dsnSetting(parameter, opener, call, connection);
        if (found !== undefined) settings.push(found);
      }
    }
  }
  const bound = boundNames(calls, connections);
  const sole = soleEngine(connections);
  const queried = new Set(input.queries.map((query) => query.call));
  for (const [index, call] of calls.entries()) {
    if (queried.has(index)) continue;
    const connection = chained.get(index) ?? connectionOf(bound, call);
    const root = chainRoot(calls, index);
    const found = methodSetting(input.language, call, {
      engine: connection === undefined ? sole : connections[connection]?.engine,
      connection,
      root: root === undefined ? undefined : resolve(root.callee),
      modules,
    });
    if (found !== undefined) settings.push(found);
  }
  settings.sort((left, right) => left.span.start - right.span.start);
  return { connections, settings };
}

function optionSettings(call: Call, opener: Opener, connection: number): Setting[] {
  const settings: Setting[] = [];
  for (const [position, argument] of call.arguments.entries()) {
    const name = argument.name ?? opener.positional?.[position];
    const option = name !== undefined && Object.hasOwn(opener.options, name) ? opener.options[name] : undefined;
    if (option === undefined) continue;
    settings.push(
      settingOf(option.key, optionValue(argument, option.unit), valueSpan(argument), {
        system: opener.engine,
        form: 'driver option',
        call,
        span: argument.span,
        keySpan: keySpan(argument),
        connection,
      }),
    );
  }
  return settings;
}

function valueSpan(argument: Argument): { start: number; end: number } {
  return { start: argument.span.start + nameLength(argument), end: argument.span.end };
}
function keySpan(argument: Argument): { start: number; end: number } {
  const written = argument.name === undefined ? null : /^[\w."'[\]]+(?=\s*[=:])/.exec(argument.text);
  return written === null ? argument.span : { start: argument.span.start, end: argument.span.start + written[0].length };
}

function targetOf(call: Call, opener: Opener): Argument | undefined {
  const { target } = opener;
  if (typeof target === 'number') {
    const unnamed = call.arguments[target];
    if (unnamed !== undefined && unnamed.name === undefined) return unnamed;
    return call.arguments.find((argument) => /^(?:database|filename|dsn|conninfo|url|path)$/.test(argument.name ?? ''));
  }
  const named = call.arguments.find((argument) => argument.name !== undefined && target.includes(argument.name));
  return named ?? call.arguments.find((argument) => argument.name === undefined && engineOfUrl(argument.value) !== undefined);
}

/** The call that begins the chain this one runs on, itself excluded. */
function chainRoot(calls: readonly Call[], index: number): Call | undefined {
  const links = chainOf(calls, index);
  const root = links.at(-1);
  return root === undefined || root === index ? undefined : calls[root];
}

/** This call and those it is chained on, outermost first; a cycle in broken input ends it. */
function chainOf(calls: readonly Call[], index: number): number[] {
  const links = [index];
  for (let at = calls[index]?.chain; at !== undefined && !links.includes(at) && links.length < 50; at = calls[at]?.chain) links.push(at);
  return links;
}

/** Connections by the name their result is bound to. */
function boundNames(
  calls: readonly Call[],
  connections: readonly ConnectionSite[],
): Map<string, { index: number; function: number | undefined }[]> {
  const bound = new Map<string, { index: number; function: number | undefined }[]>();
  for (const [index, connection] of connections.entries()) {
    const call = calls[connection.call];
    if (call?.result === undefined) continue;
    const entry = { index, function: call.function };
    const known = bound.get(call.result);
    if (known === undefined) bound.set(call.result, [entry]);
    else known.push(entry);
  }
  return bound;
}

/** The connection whose result the call is made on: same function first, then anywhere in the file. */
function connectionOf(bound: ReturnType<typeof boundNames>, call: Call): number | undefined {
  const known = call.receiver === undefined ? undefined : bound.get(call.receiver);
  return (known?.find((entry) => entry.function === call.function) ?? known?.[0])?.index;
}

function soleEngine(connections: readonly ConnectionSite[]): ConnectionSite['engine'] | undefined {
  const engines = new Set(connections.map((connection) => connection.engine));
  return engines.size === 1 ? connections[0]?.engine : undefined;
}
