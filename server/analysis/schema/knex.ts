/**
 * Knex migrations: the schema builder in `up`. Types: `knex/lib/dialects/{postgres,sqlite3}/schema/*-columncompiler.js` and
 * `knex/lib/schema/columncompiler.js`.
 */
import { descendants, type Syntax } from '../readers/host/syntax.ts';
import type { EngineId } from '../sql/statement.ts';
import { dbMigrateSteps } from './db-migrate.ts';
import type { ColumnSpec, ConstraintSpec, Declarations, IndexSpec, SchemaStep, TypeText } from './declaration.ts';
import { callsIn, declaredIn, defaultOf } from './script-tree.ts';
import { scriptValue } from './script-value.ts';
import { booleanOf, chainOf, entryOf, type Invocation, numberOf, stringOf, stringsOf, type Value } from './value.ts';

export function knexMigration(module: Syntax, source: string, path: string): Declarations | undefined {
  const up = upOf(module, source);
  if (up === undefined) return undefined;
  const declared = declaredIn(module, source);
  // Names of tables that stand in constants of the file.
  const constants = new Map(
    declared.flatMap(({ name, node }) => {
      const text = stringOf(scriptValue(node, source));
      return text === undefined ? [] : [[name, text] as const];
    }),
  );
  const steps: SchemaStep[] = [];
  const known: Names = (value) => stringOf(value) ?? (value?.kind === 'name' ? constants.get(value.path) : undefined);
  for (const call of callsIn(up, source, isSchemaCall)) {
    // `knex.schema.createTable(…).createTable(…)` is a chain of its own.
    let schema: string | undefined;
    for (const link of chainOf(call).links) {
      if (link.name === 'withSchema') schema = known(link.args[0]);
      else steps.push(...stepsOf(link, known, schema, source));
    }
  }
  // Other tools number their files, and hand over SQL.
  if (steps.length === 0 && /\/\d[^/]*$/.test(path)) steps.push(...dbMigrateSteps(up, source));
  return steps.length === 0 ? undefined : { tool: 'knex', form: 'migration', engines: [], steps };
}

type Names = (value: Value | undefined) => string | undefined;

function upOf(module: Syntax, source: string): Syntax | undefined {
  const own = declaredIn(module, source).find(({ name }) => name === 'up')?.node;
  if (own !== undefined) return own;
  const given = defaultOf(module, source);
  const value = given === undefined ? undefined : entryOf(scriptValue(given, source), 'up');
  return value?.kind === 'function' ? value.body : undefined;
}

const schemaCalls =
  /^(?:createTable|createTableIfNotExists|alterTable|table|dropTable|dropTableIfExists|renameTable|createSchema|raw|createView|hasTable|hasColumn)$/;

/** A chain that goes through `.schema`, or `knex.raw(…)`. */
function isSchemaCall(call: Invocation): boolean {
  const { base, links } = chainOf(call);
  if (base?.kind !== 'name') return false;
  const first = links[0];
  if (first?.name === 'raw' && links.length <= 2) return true;
  return /(?:^|\.)schema$/i.test(base.path) && links.some(({ name }) => schemaCalls.test(name));
}

function stepsOf(call: Invocation, known: Names, schema: string | undefined, source: string): SchemaStep[] {
  const first = call.args[0];
  const name = known(first);
  if (call.name === 'raw') return [{ kind: 'sql', span: call.span }];
  if (first === undefined || name === undefined) return [];
  const table = { name, ...(schema !== undefined && { schema }) };
  switch (call.name) {
    case 'createTable':
    case 'createTableIfNotExists': {
      const built = tableOf(call.args.at(-1), known, name, source);
      if (built === undefined) return [];
      const { columns, constraints, indexes } = built;
      return [
        {
          kind: 'create table',
          table,
          columns,
          constraints,
          indexes,
          ifNotExists: call.name === 'createTableIfNotExists',
          span: first.span,
        },
      ];
    }
    case 'alterTable':
    case 'table': {
      const built = tableOf(call.args.at(-1), known, name, source);
      if (built === undefined) return [];
      return [
        ...built.steps,
        ...built.columns.map((column): SchemaStep => ({ kind: 'add column', table, column })),
        ...built.constraints.map((constraint): SchemaStep => ({ kind: 'add constraint', table, constraint })),
        ...built.indexes.map((index): SchemaStep => ({ kind: 'create index', table, index })),
      ];
    }
    case 'dropTable':
    case 'dropTableIfExists':
      return [{ kind: 'drop table', table }];
    case 'renameTable': {
      const to = known(call.args[1]);
      return to === undefined ? [] : [{ kind: 'rename table', table, to: { name: to } }];
    }
    default:
      return [];
  }
}

interface Built {
  readonly columns: readonly ColumnSpec[];
  readonly constraints: readonly ConstraintSpec[];
  readonly indexes: readonly IndexSpec[];
  /** What is changed or taken away. */
  readonly steps: readonly SchemaStep[];
}

/** The calls on the builder that a callback is handed. */
function tableOf(callback: Value | undefined, known: Names, table: string, source: string): Built | undefined {
  if (callback?.kind !== 'function') return undefined;
  const builder = callback.parameters[0];
  const columns: ColumnSpec[] = [];
  const constraints: ConstraintSpec[] = [];
  const indexes: IndexSpec[] = [];
  const steps: SchemaStep[] = [];
  const of = { name: table };
  let behind = -1;
  for (const node of [callback.body, ...descendants(callback.body)]) {
    if (node.kind !== 'call_expression' || node.start < behind) continue;
    const value = scriptValue(node, source);
    if (value.kind !== 'call') continue;
    const { base, links } = chainOf(value);
    const first = links[0];
    if (base?.kind !== 'name' || first === undefined || (base.path !== builder && base.path !== 'this')) continue;
    behind = node.end;
    const span = { start: node.start, end: node.end };
    const names = stringsOf(first.args[0]) ?? [];
    switch (first.name) {
      case 'timestamps': {
        const options = first.args[0];
        const camel = booleanOf(entryOf(options, 'useCamelCase') ?? first.args[2]) === true;
        const notNull = booleanOf(entryOf(options, 'defaultToNow') ?? first.args[1]) === true;
        for (const name of camel ? ['createdAt', 'updatedAt'] : ['created_at', 'updated_at']) {
          columns.push({ name, type: ['timestamptz', 'datetime'], notNull, span });
        }
        break;
      }
      case 'primary':
        constraints.push({ kind: 'primary key', columns: names, span });
        break;
      case 'unique':
      case 'index':
        indexes.push(indexOf(first, names, span, first.name === 'unique'));
        break;
      case 'foreign':
        constraints.push({ kind: 'foreign key', columns: names, ...referenceOf(links, known), span });
        break;
      case 'dropColumn':
      case 'dropColumns':
        for (const item of first.args.flatMap((argument) => stringsOf(argument) ?? []))
          steps.push({ kind: 'drop column', table: of, column: item });
        break;
      case 'renameColumn': {
        const [from, to] = [stringOf(first.args[0]), stringOf(first.args[1])];
        if (from !== undefined && to !== undefined) steps.push({ kind: 'rename column', table: of, column: from, to });
        break;
      }
      case 'dropTimestamps':
        for (const column of ['created_at', 'updated_at']) steps.push({ kind: 'drop column', table: of, column });
        break;
      case 'setNullable':
      case 'dropNullable':
        for (const column of names)
          steps.push({ kind: 'alter column', table: of, column, change: { notNull: first.name === 'dropNullable' } });
        break;
      case 'dropIndex':
      case 'dropUnique': {
        const name = stringOf(first.args[1]);
        steps.push({ kind: 'drop index', table: of, ...(name === undefined ? { columns: names } : { name }) });
        break;
      }
      case 'dropForeign':
      case 'dropPrimary':
        steps.push({
          kind: 'drop constraint',
          table: of,
          of: first.name === 'dropForeign' ? 'foreign key' : 'primary key',
          ...(names.length > 0 && { columns: names }),
        });
        break;
      default: {
        const column = columnOf(first, links.slice(1), known, span);
        if (column === undefined) break;
        if (links.some(({ name }) => name === 'alter')) {
          const { name, span: _, ...change } = column;
          steps.push({ kind: 'alter column', table: of, column: name, change: { type: change.type, notNull: change.notNull } });
        } else columns.push(column);
        const index = links.find(({ name }) => name === 'index');
        const named = stringOf(index?.args[0]);
        if (index !== undefined) indexes.push({ keys: [{ column: column.name }], ...(named !== undefined && { name: named }), span });
      }
    }
  }
  return { columns, constraints, indexes, steps };
}

/** `t.index(["a"], "name", { indexType: "gin", predicate: … })`, `t.unique(["a"], { indexName: "x" })`. */
function indexOf(call: Invocation, columns: readonly string[], span: IndexSpec['span'], unique: boolean): IndexSpec {
  const options = call.args.slice(1);
  const name = options.map((option) => stringOf(option) ?? stringOf(entryOf(option, 'indexName'))).find((found) => found !== undefined);
  const method = options
    .map((option) => stringOf(entryOf(option, 'indexType')) ?? stringOf(entryOf(option, 'storageEngineIndexType')))
    .find((found) => found !== undefined);
  return {
    keys: columns.map((column) => ({ column })),
    unique,
    ...(name !== undefined && { name }),
    ...(method !== undefined && /^(?:btree|hash|gin|gist|brin|spgist)$/i.test(method) && { method }),
    unknown: options.some((option) => entryOf(option, 'predicate') !== undefined) || columns.length === 0,
    span,
  };
}

/** `.references("id").inTable("users")`, `.references("users.id")`. */
function referenceOf(links: readonly Invocation[], known: Names): Pick<ColumnSpec, 'references'> {
  const target = links.find(({ name }) => name === 'references')?.args[0];
  const columns = stringsOf(target);
  const table = known(links.find(({ name }) => name === 'inTable' || name === 'on')?.args[0]);
  if (columns === undefined) return {};
  if (table !== undefined)
    return { references: { table: { name: table }, columns: columns.map((name) => name.slice(name.lastIndexOf('.') + 1)) } };
  const [only] = columns;
  const cut = only?.lastIndexOf('.') ?? -1;
  return only === undefined || cut <= 0 ? {} : { references: { table: { name: only.slice(0, cut) }, columns: [only.slice(cut + 1)] } };
}

function columnOf(call: Invocation, modifiers: readonly Invocation[], known: Names, span: ColumnSpec['span']): ColumnSpec | undefined {
  const counts = /^(?:small|tiny|medium|big)?increments$/i.test(call.name);
  const name = stringOf(call.args[0]) ?? (counts ? 'id' : undefined);
  const typed = typeOf(call);
  if (name === undefined || typed === undefined) return undefined;
  const has = (modifier: string): boolean => modifiers.some((one) => one.name === modifier);
  const nullable = modifiers.find((one) => one.name === 'nullable');
  const isKey = has('primary') || (counts && booleanOf(entryOf(call.args[1], 'primaryKey')) !== false);
  const values = call.name === 'enu' || call.name === 'enum' ? stringsOf(call.args[1]) : undefined;
  const options = call.args[2];
  const native = booleanOf(entryOf(options, 'useNative')) === true ? stringOf(entryOf(options, 'enumName')) : undefined;
  return {
    name,
    type: typed,
    ...(native !== undefined && { enumeration: { name: native, values: values ?? [] } }),
    notNull: isKey || has('notNullable') || (nullable !== undefined && booleanOf(nullable.args[0]) === false),
    primaryKey: isKey,
    autoIncrement: counts,
    unique: has('unique'),
    ...referenceOf(modifiers, known),
    span,
  };
}

const plain: Readonly<Record<string, TypeText>> = {
  increments: ['integer', 'integer'],
  smallincrements: ['smallint', 'integer'],
  bigincrements: ['bigint', 'integer'],
  integer: ['integer', 'integer'],
  int: ['integer', 'integer'],
  tinyint: ['smallint', 'tinyint'],
  smallint: ['smallint', 'integer'],
  mediumint: ['integer', 'integer'],
  bigint: ['bigint', 'bigint'],
  biginteger: ['bigint', 'bigint'],
  text: ['text', 'text'],
  float: ['real', 'float'],
  double: ['double precision', 'float'],
  boolean: ['boolean', 'boolean'],
  bool: ['boolean', 'boolean'],
  date: ['date', 'date'],
  datetime: ['timestamptz', 'datetime'],
  timestamp: ['timestamptz', 'datetime'],
  time: ['time', 'time'],
  binary: ['bytea', 'blob'],
  json: ['json', 'json'],
  jsonb: ['jsonb', 'json'],
  uuid: ['uuid', 'char(36)'],
  enu: ['text', 'text'],
  enum: ['text', 'text'],
  geometry: ['geometry', 'geometry'],
  geography: ['geography', 'geography'],
  point: ['point', 'point'],
};

function typeOf(call: Invocation): TypeText | undefined {
  const name = call.name.toLowerCase();
  const size = numberOf(call.args[1]);
  if (name === 'string' || name === 'varchar') return [`varchar(${size ?? 255})`, `varchar(${size ?? 255})`];
  if (name === 'char') return [`char(${size ?? 255})`, `char(${size ?? 255})`];
  if (name === 'decimal' || name === 'numeric') {
    const scale = numberOf(call.args[2]);
    return [`decimal(${size ?? 8}, ${scale ?? 2})`, 'float'];
  }
  if (name === 'specifictype') {
    const written = stringOf(call.args[1]);
    return written === undefined ? ['text', 'text'] : [written, written];
  }
  if (name === 'timestamp' || name === 'datetime') {
    const plainTime = booleanOf(entryOf(call.args[1], 'useTz')) === false || booleanOf(call.args[1]) === true;
    return [plainTime ? 'timestamp' : 'timestamptz', 'datetime'];
  }
  return plain[name];
}

/** A knexfile: which engine its client is. */
export function knexConfiguration(_: Syntax, source: string): Declarations | undefined {
  const engines = new Set<EngineId>();
  for (const [, client = ''] of source.matchAll(/\bclient\s*:\s*["'`](\w[\w-]*)["'`]/g)) {
    if (/^(?:pg|postgres|postgresql|pgnative|cockroachdb|redshift)$/.test(client)) engines.add('postgres');
    if (/^(?:sqlite3|better-sqlite3|sqlite)$/.test(client)) engines.add('sqlite');
  }
  return engines.size === 0 ? undefined : { tool: 'knex', form: 'configuration', engines: [...engines], steps: [] };
}
