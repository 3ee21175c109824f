/**
 * Drizzle tables: `pgTable`, `sqliteTable` and what stands in them. Types: `drizzle-orm/src/{pg,sqlite}-core/columns/*.ts` (`getSQLType`);
 * names of constraints: `uniqueKeyName` of their `unique-constraint.ts`.
 */
import type { Syntax } from '../readers/host/syntax.ts';
import type { EngineId } from '../sql/statement.ts';
import type { ColumnSpec, ConstraintSpec, Declarations, IndexSpec, KeySpec, ReferenceSpec, SchemaStep, TypeText } from './declaration.ts';
import { declaredIn } from './script-tree.ts';
import { scriptValue } from './script-value.ts';
import { booleanOf, chainOf, entryOf, type Invocation, itemsOf, lastName, numberOf, stringOf, stringsOf, type Value } from './value.ts';

interface Prefixes {
  /** Calls that make a table: `pgTable`, and what `pgTableCreator` gave. */
  readonly creators: ReadonlyMap<string, { readonly engine: EngineId; readonly name: (written: string) => string | undefined }>;
  readonly enums: ReadonlyMap<string, { readonly name: string; readonly values: readonly string[] }>;
  readonly schemas: ReadonlyMap<string, string>;
  /** Columns that are spread into several tables: `...timestamps`. */
  readonly spreads: ReadonlyMap<string, Value>;
}

export function drizzleTables(module: Syntax, source: string): Declarations | undefined {
  const declared = declaredIn(module, source).map((one) => ({ ...one, value: scriptValue(one.node, source) }));
  const prefixes = prefixesOf(declared, source);
  const steps: SchemaStep[] = [...prefixes.enums.values()].map(({ name, values }) => ({
    kind: 'create type',
    name,
    values,
    span: { start: 0, end: 0 },
  }));
  const engines = new Set<EngineId>();
  for (const { name, value } of declared) {
    const call = value.kind === 'call' ? chainOf(value).links[0] : undefined;
    if (call === undefined) continue;
    const creator = creatorOf(call, prefixes);
    const first = call.args[0];
    const written = stringOf(first);
    const table = written === undefined ? undefined : creator?.name(written);
    if (creator === undefined || first === undefined || table === undefined) continue;
    engines.add(creator.engine);
    steps.push(tableStep(call, { table, symbol: name, span: first.span, schema: creator.schema }, prefixes, source));
  }
  return engines.size === 0 ? undefined : { tool: 'drizzle', form: 'model', engines: [...engines], steps };
}

function prefixesOf(declared: readonly { readonly name: string; readonly value: Value }[], source: string): Prefixes {
  const creators = new Map<string, { engine: EngineId; name: (written: string) => string | undefined }>([
    ['pgTable', { engine: 'postgres', name: (written) => written }],
    ['sqliteTable', { engine: 'sqlite', name: (written) => written }],
  ]);
  const enums = new Map<string, { name: string; values: readonly string[] }>();
  const schemas = new Map<string, string>();
  const spreads = new Map<string, Value>();
  for (const { name, value } of declared) {
    if (value.kind === 'object') spreads.set(name, value);
    if (value.kind !== 'call') continue;
    if (value.name === 'pgTableCreator' || value.name === 'sqliteTableCreator') {
      creators.set(name, { engine: value.name === 'pgTableCreator' ? 'postgres' : 'sqlite', name: renamer(value.args[0], source) });
    } else if (value.name === 'pgEnum') {
      const text = stringOf(value.args[0]);
      if (text !== undefined) enums.set(name, { name: text, values: stringsOf(value.args[1]) ?? [] });
    } else if (value.name === 'pgSchema') {
      const text = stringOf(value.args[0]);
      if (text !== undefined) schemas.set(name, text);
    }
  }
  return { creators, enums, schemas, spreads };
}

/** `(name) => \`app_${name}\``: a template with nothing but the name in it. */
function renamer(value: Value | undefined, source: string): (written: string) => string | undefined {
  const body = value?.kind === 'function' ? source.slice(value.body.start, value.body.end) : '';
  const parameter = value?.kind === 'function' ? value.parameters[0] : undefined;
  const match = /^`([\w-]*)\$\{(\w+)\}([\w-]*)`$/.exec(body);
  return (written) => (match === null || match[2] !== parameter ? undefined : `${match[1]}${written}${match[3]}`);
}

function creatorOf(call: Invocation, { creators, schemas }: Prefixes) {
  if (call.receiver === undefined) {
    const found = creators.get(call.name);
    return found === undefined ? undefined : { ...found, schema: undefined };
  }
  const schema = call.name === 'table' && call.receiver.kind === 'name' ? schemas.get(call.receiver.path) : undefined;
  return schema === undefined ? undefined : { engine: 'postgres' as const, name: (written: string) => written, schema };
}

interface Named {
  readonly table: string;
  readonly symbol: string;
  readonly span: ColumnSpec['span'];
  readonly schema: string | undefined;
}

function tableStep(call: Invocation, { table, symbol, span, schema }: Named, prefixes: Prefixes, source: string): SchemaStep {
  const columns: ColumnSpec[] = [];
  const given = call.args[1];
  // `(t) => ({ id: t.integer() })`
  const body = given?.kind === 'function' ? given.result : given;
  const entries = body?.kind === 'object' ? [...body.entries, ...spreadInto(body, prefixes, source)] : [];
  for (const { key, value, keySpan } of entries) {
    const column = columnOf(key, value, { start: keySpan.start, end: Math.max(keySpan.end, value.span.end) }, prefixes);
    if (column !== undefined) columns.push(column);
  }
  const constraints: ConstraintSpec[] = [];
  const indexes: IndexSpec[] = [];
  const extra = call.args[2];
  const result = extra?.kind === 'function' ? extra.result : undefined;
  const builder = extra?.kind === 'function' ? extra.parameters[0] : undefined;
  const extras = result?.kind === 'object' ? result.entries.map(({ value }) => value) : itemsOf(result);
  for (const item of extras) take(item, constraints, indexes, builder);
  return {
    kind: 'create table',
    table: { name: table, ...(schema !== undefined && { schema }) },
    symbol,
    columns,
    constraints,
    indexes,
    span,
  };
}

/** `...timestamps` where that object stands in the same file. */
function spreadInto(body: Value, { spreads }: Prefixes, source: string) {
  const text = source.slice(body.span.start, body.span.end);
  return [...text.matchAll(/\.\.\.(\w+)\b/g)].flatMap((match) => {
    const spread = spreads.get(match[1] ?? '');
    return spread?.kind === 'object' ? spread.entries : [];
  });
}

type Types = Readonly<Record<string, TypeText>>;
const plain: Types = {
  serial: ['integer', 'integer'],
  smallserial: ['smallint', 'integer'],
  bigserial: ['bigint', 'integer'],
  integer: ['integer', 'integer'],
  int: ['integer', 'integer'],
  smallint: ['smallint', 'integer'],
  bigint: ['bigint', 'integer'],
  boolean: ['boolean', 'integer'],
  text: ['text', 'text'],
  real: ['real', 'real'],
  doublePrecision: ['double precision', 'real'],
  json: ['json', 'text'],
  jsonb: ['jsonb', 'text'],
  date: ['date', 'text'],
  uuid: ['uuid', 'text'],
  inet: ['inet', 'text'],
  cidr: ['cidr', 'text'],
  macaddr: ['macaddr', 'text'],
  macaddr8: ['macaddr8', 'text'],
  interval: ['interval', 'text'],
  point: ['point', 'text'],
  line: ['line', 'text'],
  bytea: ['bytea', 'blob'],
  blob: ['bytea', 'blob'],
};

function typeOf(call: Invocation, { enums }: Prefixes): Pick<ColumnSpec, 'type' | 'enumeration'> | undefined {
  const name = lastName(call.name);
  const options = call.args.find((argument) => argument.kind === 'object');
  const length = numberOf(entryOf(options, 'length'));
  const enumeration = enums.get(name);
  if (enumeration !== undefined) return { type: ['text', 'text'], enumeration };
  if (name === 'varchar' || name === 'char') {
    const size = length === undefined ? '' : `(${length})`;
    return { type: [`${name}${size}`, 'text'] };
  }
  if (name === 'numeric' || name === 'decimal') {
    const [precision, scale] = [numberOf(entryOf(options, 'precision')), numberOf(entryOf(options, 'scale'))];
    return { type: [precision === undefined ? 'numeric' : `numeric(${precision}, ${scale ?? 0})`, 'numeric'] };
  }
  if (name === 'timestamp' || name === 'time') {
    const zone = booleanOf(entryOf(options, 'withTimezone')) === true ? ' with time zone' : '';
    const precision = numberOf(entryOf(options, 'precision'));
    return { type: [`${name}${precision === undefined ? '' : `(${precision})`}${zone}`, 'text'] };
  }
  if (name === 'vector' || name === 'halfvec' || name === 'geometry') {
    const dimensions = numberOf(entryOf(options, 'dimensions'));
    return { type: [name === 'geometry' || dimensions === undefined ? name : `${name}(${dimensions})`, 'text'] };
  }
  const known = plain[name];
  return known === undefined ? undefined : { type: known };
}

function columnOf(property: string, value: Value, span: ColumnSpec['span'], prefixes: Prefixes): ColumnSpec | undefined {
  if (value.kind !== 'call') return undefined;
  const { links } = chainOf(value);
  const [first] = links;
  if (first === undefined) return undefined;
  const modifiers = links.slice(1);
  const has = (name: string): boolean => modifiers.some((one) => one.name === name);
  // A `customType` of the application: its column exists, what it holds is not known.
  const typed = typeOf(first, prefixes) ?? { type: ['text', 'text'] as const };
  const name = stringOf(first.args[0]) ?? property;
  const key = modifiers.find((one) => one.name === 'primaryKey');
  const unique = modifiers.find((one) => one.name === 'unique');
  const reference = modifiers.find((one) => one.name === 'references')?.args[0];
  const references = reference?.kind === 'function' ? referenceOf(reference.result) : undefined;
  return {
    name,
    ...(name !== property && { property }),
    unnamed: stringOf(first.args[0]) === undefined,
    ...typed,
    array: has('array'),
    notNull: has('notNull') || key !== undefined,
    primaryKey: key !== undefined,
    autoIncrement:
      /serial$/i.test(first.name) ||
      has('generatedAlwaysAsIdentity') ||
      has('generatedByDefaultAsIdentity') ||
      booleanOf(entryOf(key?.args[0], 'autoIncrement')) === true,
    unique: unique !== undefined,
    ...(references !== undefined && { references }),
    span,
  };
}

/** `users.id` */
function referenceOf(value: Value | undefined): ReferenceSpec | undefined {
  const parts = value?.kind === 'name' ? value.path.split('.') : [];
  const [symbol, column] = parts.slice(-2);
  return parts.length < 2 || symbol === undefined || column === undefined ? undefined : { table: { symbol }, columns: [column] };
}

/** One entry of a table's third argument. */
function take(value: Value, constraints: ConstraintSpec[], indexes: IndexSpec[], builder: string | undefined): void {
  if (value.kind !== 'call') return;
  const { links } = chainOf(value);
  const [first] = links;
  if (first === undefined) return;
  const span = value.span;
  const name = stringOf(first.args[0]) ?? stringOf(entryOf(first.args[0], 'name'));
  const listed = (key: string): string[] => itemsOf(entryOf(first.args[0], key)).flatMap((item) => columnNamed(item) ?? []);
  const on = links.find((link) => link.name === 'on' || link.name === 'using' || link.name === 'onOnly');
  if (first.name === 'primaryKey') {
    const columns = listed('columns');
    const plainColumns = columns.length > 0 ? columns : first.args.flatMap((item) => columnNamed(item) ?? []);
    constraints.push({ kind: 'primary key', columns: plainColumns, span });
  } else if (first.name === 'foreignKey') {
    const targets = itemsOf(entryOf(first.args[0], 'foreignColumns')).map(referenceOf);
    const table = targets[0]?.table;
    if (table === undefined) return;
    constraints.push({
      kind: 'foreign key',
      columns: listed('columns'),
      references: { table, columns: targets.flatMap((target) => target?.columns ?? []) },
      span,
    });
  } else if (on !== undefined && (first.name === 'index' || first.name === 'uniqueIndex' || first.name === 'unique')) {
    const args = on.name === 'using' ? on.args.slice(1) : on.args;
    const keys = args.map((argument) => keyOf(argument, builder));
    const method = on.name === 'using' ? stringOf(on.args[0]) : undefined;
    const conditional = links.some((link) => link.name === 'where');
    indexes.push({
      keys: keys.flatMap((key) => key ?? []),
      unique: first.name !== 'index',
      unknown: conditional || keys.includes(undefined),
      ...(name !== undefined && { name }),
      ...(method !== undefined && { method }),
      span,
    });
  }
}

/** `table.userId` is the property `userId`. */
const columnNamed = (value: Value): string | undefined =>
  value.kind === 'name' && value.path.includes('.') ? lastName(value.path) : undefined;

function keyOf(value: Value, builder: string | undefined): KeySpec | undefined {
  const column = columnNamed(value);
  if (column !== undefined) return { column };
  if (value.kind !== 'call') return undefined;
  const { base, links } = chainOf(value);
  const named = base?.kind === 'name' && base.path.startsWith(`${builder}.`) ? lastName(base.path) : undefined;
  if (named === undefined) return undefined;
  const operators = links.find((link) => link.name === 'op');
  const operatorClass = stringOf(operators?.args[0]);
  return { column: named, descending: links.some((link) => link.name === 'desc'), ...(operatorClass !== undefined && { operatorClass }) };
}

/** `drizzle.config.ts`: `dialect: "postgresql"`. */
export function drizzleConfiguration(_: Syntax, source: string): Declarations | undefined {
  const dialect = /\b(?:dialect|driver)\s*:\s*["'](\w[\w-]*)["']/.exec(source)?.[1];
  const engine = dialect === undefined ? undefined : engineNamed(dialect);
  const naming = /\bcasing\s*:\s*["']snake_case["']/.test(source) ? ('snake' as const) : undefined;
  return engine === undefined ? undefined : { tool: 'drizzle', form: 'configuration', engines: [engine], steps: [], naming };
}
function engineNamed(dialect: string): EngineId | undefined {
  if (/^(?:postgresql|pg|pglite|gel)$/.test(dialect)) return 'postgres';
  return /^(?:sqlite|turso|libsql|better-sqlite|better-sqlite3|d1|d1-http|expo|durable-sqlite)$/.test(dialect) ? 'sqlite' : undefined;
}
