/**
 * Prisma models -> tables, as `prisma db push` and `prisma migrate` make them. Types: prisma-engines,
 * `schema-engine/connectors/sql-schema-connector/src/flavour/{postgres,sqlite}/…/schema_calculator` and its default
 * native types; names of keys and indexes: `psl/parser-database/src/constraint_names.rs`.
 */
import type { EngineId } from '../sql/statement.ts';
import type { ColumnSpec, ConstraintSpec, Declarations, IndexSpec, KeySpec, SchemaStep, TypeText } from './declaration.ts';
import {
  type PrismaArgument,
  type PrismaAttribute,
  type PrismaBlock,
  type PrismaField,
  type PrismaValue,
  prismaBlocks,
} from './prisma-syntax.ts';

const scalars: Readonly<Record<string, TypeText>> = {
  String: ['text', 'TEXT'],
  Boolean: ['boolean', 'BOOLEAN'],
  Int: ['integer', 'INTEGER'],
  BigInt: ['bigint', 'BIGINT'],
  Float: ['double precision', 'REAL'],
  Decimal: ['decimal(65,30)', 'DECIMAL'],
  DateTime: ['timestamp(3)', 'DATETIME'],
  Json: ['jsonb', 'JSONB'],
  Bytes: ['bytea', 'BLOB'],
};
/** `@db.X` of PostgreSQL: folded, but for these the same words. */
const nativeTypes: Readonly<Record<string, string>> = {
  smallint: 'smallint',
  doubleprecision: 'double precision',
  bit: 'bit',
  varbit: 'varbit',
  jsonb: 'jsonb',
  bytea: 'bytea',
  oid: 'oid',
};

const providers: Readonly<Record<string, EngineId>> = {
  postgresql: 'postgres',
  postgres: 'postgres',
  cockroachdb: 'postgres',
  sqlite: 'sqlite',
};

export function prismaDeclarations(text: string): Declarations | undefined {
  const blocks = prismaBlocks(text);
  const provider = blocks.find(({ kind }) => kind === 'datasource')?.settings.find(({ key }) => key === 'provider')?.value;
  // A list was allowed in early versions.
  const named = provider?.kind === 'list' ? provider.items.map(({ value }) => value.text) : provider === undefined ? [] : [provider.text];
  const engines = named.flatMap((name) => providers[name] ?? []);
  // MySQL, SQL Server, MongoDB: no engine here could be asked.
  if (named.length > 0 && engines.length === 0) return undefined;
  const models = new Map(blocks.filter(({ kind }) => kind === 'model' || kind === 'view').map((block) => [block.name, block] as const));
  const enums = new Map(blocks.filter(({ kind }) => kind === 'enum').map((block) => [block.name, block] as const));
  const steps: SchemaStep[] = [];
  for (const block of enums.values()) {
    steps.push({ kind: 'create type', name: mapped(block), values: block.values, span: block.nameSpan });
  }
  for (const block of models.values()) steps.push(tableStep(block, enums));
  steps.push(...relationTables(models));
  if (steps.length === 0 && engines.length === 0) return undefined;
  return { tool: 'prisma', form: steps.length === 0 ? 'configuration' : 'model', engines, steps };
}

const attribute = ({ attributes }: { readonly attributes: readonly PrismaAttribute[] }, name: string): PrismaAttribute | undefined =>
  attributes.find((one) => one.name === name);
const argument = (of: PrismaAttribute | undefined, name: string): PrismaValue | undefined =>
  of?.arguments.find((one) => one.name === name)?.value;
/** The named argument, or the first without a name. */
const leading = (of: PrismaAttribute | undefined, name: string): PrismaValue | undefined =>
  argument(of, name) ?? of?.arguments.find((one) => one.name === undefined)?.value;

const mapped = (block: PrismaBlock): string => leading(attribute(block, 'map'), 'name')?.text ?? block.name;
const columnOf = (field: PrismaField): string => leading(attribute(field, 'map'), 'name')?.text ?? field.name;
const wordsOf = (value: PrismaValue | undefined): readonly string[] => value?.items.map(({ value: item }) => item.text) ?? [];

function tableStep(block: PrismaBlock, enums: ReadonlyMap<string, PrismaBlock>): SchemaStep {
  const columns: ColumnSpec[] = [];
  const constraints: ConstraintSpec[] = [];
  const indexes: IndexSpec[] = [];
  const table = mapped(block);
  for (const field of block.fields) {
    const column = scalarColumn(field, enums);
    if (column !== undefined) columns.push(column);
    const unique = attribute(field, 'unique');
    if (column !== undefined && unique !== undefined) {
      indexes.push({ name: argument(unique, 'map')?.text, keys: [{ column: field.name }], unique: true, span: unique.span });
    }
    const relation = attribute(field, 'relation');
    const from = wordsOf(argument(relation, 'fields'));
    if (relation !== undefined && from.length > 0) {
      const references = wordsOf(argument(relation, 'references'));
      constraints.push({
        kind: 'foreign key',
        name: argument(relation, 'map')?.text,
        columns: from,
        references: { table: { symbol: field.type }, columns: references },
        span: field.span,
      });
    }
  }
  for (const one of block.attributes) {
    const keys = keysOf(leading(one, 'fields'));
    if (one.name === 'id') {
      constraints.push({ kind: 'primary key', columns: keys.flatMap(({ column }) => column ?? []), span: one.span });
    } else if ((one.name === 'index' || one.name === 'unique') && keys.length > 0) {
      indexes.push({
        name: argument(one, 'map')?.text,
        keys,
        unique: one.name === 'unique',
        method: argument(one, 'type')?.text,
        // Partial indexes are a raw condition (preview feature `partialIndexes`).
        ...whereOf(argument(one, 'where')),
        span: one.span,
      });
    }
  }
  const schema = leading(attribute(block, 'schema'), 'name')?.text;
  return {
    kind: 'create table',
    table: { name: table, ...(schema !== undefined && { schema }) },
    symbol: block.name,
    columns,
    constraints,
    indexes,
    view: block.kind === 'view',
    span: block.nameSpan,
  };
}

function whereOf(value: PrismaValue | undefined): Pick<IndexSpec, 'where' | 'unknown'> {
  if (value === undefined) return {};
  const raw = value.kind === 'call' && value.text === 'raw' ? value.items[0]?.value.text : undefined;
  return raw === undefined ? { unknown: true } : { where: raw };
}

/** `[a, b(sort: Desc), c(ops: raw("gin_trgm_ops"))]`. */
function keysOf(list: PrismaValue | undefined): KeySpec[] {
  return (list?.items ?? []).map(({ value }): KeySpec => {
    const option = (name: string): PrismaValue | undefined => value.items.find((one: PrismaArgument) => one.name === name)?.value;
    const operators = option('ops');
    const raw = operators?.kind === 'call' ? operators.items[0]?.value.text : undefined;
    return {
      column: value.text,
      ...(option('sort')?.text === 'Desc' && { descending: true }),
      ...((raw ?? operators?.text) !== undefined && { operatorClass: operatorClass(raw ?? operators?.text ?? '') }),
    };
  });
}
/** `JsonbPathOps` is `jsonb_path_ops`. */
const operatorClass = (name: string): string => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();

/** Undefined for what is a relation, not a column. */
function scalarColumn(field: PrismaField, enums: ReadonlyMap<string, PrismaBlock>): ColumnSpec | undefined {
  const enumeration = enums.get(field.type);
  const type = enumeration === undefined ? typeOf(field) : (['text', 'TEXT'] as const);
  if (type === undefined) return undefined;
  const initial = leading(attribute(field, 'default'), 'value');
  return {
    name: columnOf(field),
    property: field.name,
    type,
    ...(enumeration !== undefined && { enumeration: { name: mapped(enumeration), values: enumeration.values } }),
    array: field.list,
    notNull: !field.optional && !field.list,
    primaryKey: attribute(field, 'id') !== undefined,
    autoIncrement: initial?.kind === 'call' && initial.text === 'autoincrement',
    span: field.span,
  };
}

function typeOf(field: PrismaField): TypeText | undefined {
  if (field.unsupported !== undefined) return [field.unsupported, field.unsupported];
  const scalar = scalars[field.type];
  const native = field.attributes.find(({ name }) => /^\w+\.[A-Z]/.test(name));
  if (native === undefined || scalar === undefined) return scalar;
  const name = native.name.slice(native.name.indexOf('.') + 1).toLowerCase();
  const size = native.arguments.map(({ value }) => value.text).join(',');
  return [`${nativeTypes[name] ?? name}${size === '' ? '' : `(${size})`}`, scalar[1]];
}

/** Lists of models on both sides are a table of their own, `_AToB` with the columns `A` and `B`. */
function relationTables(models: ReadonlyMap<string, PrismaBlock>): SchemaStep[] {
  const steps = new Map<string, SchemaStep>();
  for (const block of models.values()) {
    for (const field of block.fields) {
      const other = field.list ? models.get(field.type) : undefined;
      if (other === undefined) continue;
      const named = leading(attribute(field, 'relation'), 'name')?.text;
      const back = other.fields.find(
        (one) => one.list && one !== field && one.type === block.name && leading(attribute(one, 'relation'), 'name')?.text === named,
      );
      if (back === undefined) continue;
      const [first, second] = block.name < other.name ? [block.name, other.name] : [other.name, block.name];
      const name = `_${named ?? `${first}To${second}`}`;
      const side = (column: string, symbol: string): ColumnSpec => ({
        name: column,
        type: 'referenced',
        notNull: true,
        references: { table: { symbol } },
        span: field.span,
      });
      if (steps.has(name)) continue;
      steps.set(name, {
        kind: 'create table',
        table: { name },
        columns: [side('A', first), side('B', second)],
        // A unique index before version 6, the primary key since: the same index by another name.
        constraints: [{ kind: 'primary key', columns: ['A', 'B'], span: field.span }],
        indexes: [{ name: `${name}_B_index`, keys: [{ column: 'B' }], span: field.span }],
        span: field.span,
      });
    }
  }
  return [...steps.values()];
}
