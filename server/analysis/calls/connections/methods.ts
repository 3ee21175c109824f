/** Methods that configure a connection or a pool after, or before, it is opened. */
import type { Argument, Call, ConnectionSite, Setting } from '../../document.ts';
import type { Span } from '../../span.ts';
import { literalStart } from './dsn.ts';
import { type Option, optionValue, settingOf } from './options.ts';

export interface MethodContext {
  /** The engine of the connection it is called on; undefined where nobody can tell. */
  readonly engine: ConnectionSite['engine'] | undefined;
  readonly connection: number | undefined;
  /** The callee that begins its chain. */
  readonly root: string | undefined;
  readonly modules: readonly string[];
}

const ms = (key: string): Option => ({ key, unit: 'ms' });
const plain = (key: string): Option => ({ key, unit: 'none' });

const go: Readonly<Record<string, Option>> = {
  SetMaxOpenConns: plain('pool_max_size'),
  SetMaxIdleConns: plain('pool_idle_size'),
  SetConnMaxLifetime: ms('pool_max_lifetime'),
  SetConnMaxIdleTime: ms('pool_idle_timeout'),
  SetBusyTimeout: ms('busy_timeout'),
};
const rustPool: Readonly<Record<string, Option>> = {
  max_connections: plain('pool_max_size'),
  min_connections: plain('pool_min_size'),
  max_size: plain('pool_max_size'),
  acquire_timeout: ms('pool_acquire_timeout'),
  idle_timeout: ms('pool_idle_timeout'),
  max_lifetime: ms('pool_max_lifetime'),
};
const rustSqlite: Readonly<Record<string, Option>> = {
  journal_mode: plain('journal_mode'),
  synchronous: plain('synchronous'),
  busy_timeout: ms('busy_timeout'),
  foreign_keys: plain('foreign_keys'),
  locking_mode: plain('locking_mode'),
  auto_vacuum: plain('auto_vacuum'),
  page_size: plain('page_size'),
  shared_cache: plain('cache'),
  statement_cache_capacity: plain('statement_cache_capacity'),
};

/** The Setting a call makes, or undefined where it makes none that is known. */
export function methodSetting(language: string, call: Call, context: MethodContext): Setting | undefined {
  if (call.receiver === undefined && call.chain === undefined) return undefined;
  switch (language) {
    case 'go':
      return optionSetting(own(go, call.name), call, call.name === 'SetBusyTimeout' ? 'sqlite' : context.engine, context);
    case 'rust':
      return rustSetting(call, context);
    case 'python':
      if (!/^set_?busy_?timeout$/.test(call.name)) return undefined;
      return optionSetting(ms('busy_timeout'), call, 'sqlite', context);
    default:
      return javascriptSetting(call, context);
  }
}

function javascriptSetting(call: Call, context: MethodContext): Setting | undefined {
  const [first, second] = call.arguments;
  // node-sqlite3: db.configure('busyTimeout', 5000).
  if (call.name === 'configure' && first?.value === 'busyTimeout' && second !== undefined) {
    return argumentSetting('busy_timeout', second, 'ms', call, context, first.span);
  }
  if (call.name === 'pragma' && first !== undefined && context.engine !== 'postgres') return pragmaSetting(first, call, context);
  return undefined;
}

function rustSetting(call: Call, context: MethodContext): Setting | undefined {
  const [first, second, third] = call.arguments;
  // rusqlite: conn.pragma_update(None, "journal_mode", "WAL").
  if (/^pragma_update(?:_and_check)?$/.test(call.name) && second?.value !== undefined && third !== undefined) {
    return { ...argumentSetting(second.value, third, 'none', call, context, second.span), form: 'pragma' };
  }
  const sqliteChain = /(?:^|\.)SqliteConnectOptions\./.test(context.root ?? '');
  // sqlx: SqliteConnectOptions::new().pragma("cache_size", "-64000").
  if (call.name === 'pragma' && sqliteChain && first?.value !== undefined && second !== undefined) {
    return { ...argumentSetting(first.value, second, 'none', call, context, first.span), form: 'pragma' };
  }
  if (sqliteChain) return optionSetting(own(rustSqlite, call.name), call, 'sqlite', context);
  if (call.name === 'busy_timeout' && context.modules.some((module) => /^(?:tokio_)?rusqlite\b/.test(module))) {
    return optionSetting(ms('busy_timeout'), call, 'sqlite', context);
  }
  const pool = /(?:^|\.)(Sqlite|Pg)PoolOptions\./.exec(context.root ?? '')?.[1];
  if (pool !== undefined) return optionSetting(own(rustPool, call.name), call, pool === 'Pg' ? 'postgres' : 'sqlite', context);
  if (/(?:^|\.)Pool\.builder$/.test(context.root ?? '')) return optionSetting(own(rustPool, call.name), call, context.engine, context);
  return undefined;
}

function optionSetting(
  option: Option | undefined,
  call: Call,
  engine: MethodContext['engine'],
  context: MethodContext,
): Setting | undefined {
  const argument = call.arguments[0];
  if (option === undefined || argument === undefined || (engine !== 'sqlite' && engine !== 'postgres')) return undefined;
  // `SqliteJournalMode::Wal`, `SqliteSynchronous::Normal`: the variant is the pragma's word.
  const variant = /^(?:[\w:]*::)?Sqlite(?:JournalMode|Synchronous|LockingMode|AutoVacuum)::(\w+)$/.exec(argument.text)?.[1];
  return settingOf(option.key, variant ?? optionValue(argument, option.unit), argument.span, {
    system: engine,
    form: 'driver option',
    call,
    span: { start: call.nameSpan.start, end: call.span.end },
    keySpan: call.nameSpan,
    connection: context.connection,
  });
}

function argumentSetting(key: string, value: Argument, unit: Option['unit'], call: Call, context: MethodContext, keySpan: Span): Setting {
  return settingOf(key, optionValue(value, unit), value.span, {
    system: 'sqlite',
    form: 'driver option',
    call,
    span: { start: call.nameSpan.start, end: call.span.end },
    keySpan,
    connection: context.connection,
  });
}

/** better-sqlite3: `db.pragma('journal_mode = WAL')`; its spans stand inside the literal. */
function pragmaSetting(argument: Argument, call: Call, context: MethodContext): Setting | undefined {
  if (argument.kind !== 'string' || argument.value === undefined) return undefined;
  const match = /^\s*(?:\w+\.)?(\w+)\s*(?:=\s*|\(\s*)?/.exec(argument.value);
  if (match?.[1] === undefined) return undefined;
  const rest = argument.value.slice(match[0].length).replace(/\s*\)?\s*;?\s*$/, '');
  const shift = literalStart(argument, argument.value);
  const at = (start: number, end: number): Span => (shift === undefined ? argument.span : { start: shift + start, end: shift + end });
  const keyStart = match[0].indexOf(match[1]);
  const value = rest === '' ? undefined : rest.replace(/^(['"])(.*)\1$/, '$2');
  return {
    system: 'sqlite',
    key: match[1].toLowerCase(),
    value,
    dynamic: false,
    form: 'pragma',
    span: at(0, argument.value.length),
    keySpan: at(keyStart, keyStart + match[1].length),
    valueSpan: value === undefined ? undefined : at(match[0].length, match[0].length + rest.length),
    anchor: call.span,
    function: call.function,
    connection: context.connection,
  };
}

function own(table: Readonly<Record<string, Option>>, name: string): Option | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
