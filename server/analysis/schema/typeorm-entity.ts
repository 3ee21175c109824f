/**
 * TypeORM entities: the decorators of `typeorm/src/decorator/`, names as its `naming-strategy/DefaultNamingStrategy.ts` makes them.
 * Classes that only others extend are kept, because an entity has their columns.
 */
import { child, namedChildren, type Syntax } from '../readers/host/syntax.ts';
import type { EngineId } from '../sql/statement.ts';
import type { ColumnSpec, ConstraintSpec, Declarations, IndexSpec, SchemaStep } from './declaration.ts';
import { camelCase, snakeCase } from './names.ts';
import { scriptValue } from './script-value.ts';
import { typeormType } from './typeorm-types.ts';
import { booleanOf, entryOf, type Invocation, lastName, numberOf, stringOf, stringsOf, type Value } from './value.ts';

interface EntityClass {
  readonly name: string;
  readonly nameNode: Syntax;
  readonly base: string | undefined;
  readonly decorators: readonly Invocation[];
  readonly body: Syntax;
}

export function typeormEntities(module: Syntax, source: string): Declarations | undefined {
  const steps: SchemaStep[] = [];
  for (const one of classesOf(module, source)) steps.push(...stepsOf(one, source));
  return steps.length === 0 ? undefined : { tool: 'typeorm', form: 'model', engines: [], steps };
}

function classesOf(module: Syntax, source: string): EntityClass[] {
  const found: EntityClass[] = [];
  let pending: Invocation[] = [];
  for (const statement of namedChildren(module)) {
    if (statement.kind === 'decorator') {
      pending.push(...decoratorsOf([statement], source));
      continue;
    }
    const inner = statement.kind === 'export_statement' ? (child(statement, 'declaration') ?? child(statement, 'value')) : statement;
    const nameNode = inner !== undefined && /^(?:abstract_)?class_declaration$/.test(inner.kind) ? child(inner, 'name') : undefined;
    const body = inner === undefined ? undefined : child(inner, 'body');
    if (inner !== undefined && nameNode !== undefined && body !== undefined) {
      const decorators = [
        ...pending,
        ...decoratorsOf(statement.children, source),
        ...(inner === statement ? [] : decoratorsOf(inner.children, source)),
      ];
      const heritage = inner.children.find(({ kind }) => kind === 'class_heritage');
      const base = heritage === undefined ? undefined : /\bextends\s+([\w.]+)/.exec(source.slice(heritage.start, heritage.end))?.[1];
      found.push({ name: source.slice(nameNode.start, nameNode.end), nameNode, base, decorators, body });
    }
    pending = [];
  }
  return found;
}

function decoratorsOf(nodes: readonly Syntax[], source: string): Invocation[] {
  return nodes.flatMap((node) => {
    if (node.kind !== 'decorator') return [];
    const value = scriptValue(namedChildren(node)[0], source);
    return value.kind === 'call' ? [value] : [];
  });
}

interface Parts {
  readonly columns: ColumnSpec[];
  readonly constraints: ConstraintSpec[];
  readonly indexes: IndexSpec[];
  readonly joins: ((owner: string, symbol: string) => SchemaStep)[];
  /** Something of it cannot be told: embedded columns. */
  incomplete: boolean;
}

function stepsOf({ name, nameNode, base, decorators, body }: EntityClass, source: string): SchemaStep[] {
  const parts: Parts = { columns: [], constraints: [], indexes: [], joins: [], incomplete: false };
  let decorated: Invocation[] = [];
  for (const member of namedChildren(body)) {
    if (member.kind === 'decorator') {
      decorated.push(...decoratorsOf([member], source));
      continue;
    }
    if (member.kind === 'public_field_definition')
      takeMember(member, [...decorated, ...decoratorsOf(member.children, source)], parts, source);
    decorated = [];
  }
  const entity = decorators.find((one) => one.name === 'Entity');
  const view = decorators.some((one) => one.name === 'ViewEntity');
  if (view || (parts.columns.length === 0 && entity === undefined)) return [];
  for (const one of decorators) takeClassDecorator(one, parts);
  const bases = base === undefined || lastName(base) === 'BaseEntity' ? [] : [lastName(base)];
  const { columns, constraints, indexes } = parts;
  const mixin: SchemaStep = {
    kind: 'mixin',
    symbol: name,
    bases: parts.incomplete ? [...bases, `${name} embedded`] : bases,
    columns,
    constraints,
    indexes,
  };
  // A child of one table for all keeps its columns in its parent's.
  if (entity === undefined) return [mixin];
  const options = entity.args.find((argument) => argument.kind === 'object');
  const given = stringOf(entity.args[0]) ?? stringOf(entryOf(options, 'name'));
  const schema = stringOf(entryOf(options, 'schema'));
  const table: SchemaStep = {
    kind: 'create table',
    table: { name: given ?? snakeCase(name), ...(schema !== undefined && { schema }) },
    symbol: name,
    unnamed: given === undefined,
    bases: mixin.kind === 'mixin' ? mixin.bases : [],
    columns,
    constraints,
    indexes,
    span: { start: nameNode.start, end: nameNode.end },
  };
  return [mixin, table, ...parts.joins.map((join) => join(given ?? snakeCase(name), name))];
}

const columnDecorators =
  /^(?:Column|PrimaryColumn|PrimaryGeneratedColumn|CreateDateColumn|UpdateDateColumn|DeleteDateColumn|VersionColumn|VirtualColumn)$/;

function takeMember(member: Syntax, decorators: readonly Invocation[], parts: Parts, source: string): void {
  const nameNode = child(member, 'name');
  if (nameNode === undefined || decorators.length === 0) return;
  const property = source.slice(nameNode.start, nameNode.end);
  const span = { start: nameNode.start, end: member.end };
  const find = (name: string): Invocation | undefined => decorators.find((one) => one.name === name);
  const column = decorators.find((one) => columnDecorators.test(one.name));
  const relation = find('ManyToOne') ?? find('OneToOne');
  const many = find('ManyToMany');
  let of: string | undefined;
  if (column !== undefined && column.name !== 'VirtualColumn') {
    if (column.args[0]?.kind === 'function') {
      parts.incomplete = true;
      return;
    }
    const annotation = child(member, 'type');
    const written = annotation === undefined ? '' : source.slice(annotation.start, annotation.end).replace(/^[:\s]+/, '');
    const spec = columnOf(column, property, written, span);
    if (find('PrimaryColumn') !== undefined || find('PrimaryGeneratedColumn') !== undefined)
      parts.columns.push({ ...spec, primaryKey: true, notNull: true });
    else parts.columns.push(spec);
    of = property;
  } else if (relation !== undefined)
    of = takeRelation(relation, find('JoinColumn'), property, parts, span, find('PrimaryColumn') !== undefined);
  else if (many !== undefined && find('JoinTable') !== undefined) takeMany(many, find('JoinTable'), parts, span);
  const index = find('Index');
  if (index === undefined || of === undefined) return;
  const given = stringOf(index.args[0]);
  const options = index.args.find((argument) => argument.kind === 'object');
  parts.indexes.push({
    keys: [{ column: of }],
    unique: booleanOf(entryOf(options, 'unique')) === true,
    ...whereOf(options),
    ...(given !== undefined && { name: given }),
    span,
  });
}

function whereOf(options: Value | undefined): Pick<IndexSpec, 'where' | 'unknown'> {
  const value = entryOf(options, 'where');
  const where = stringOf(value);
  if (where !== undefined) return { where };
  return value === undefined ? {} : { unknown: true };
}

/** An index that only the database knows (`{ synchronize: false }`) is made by a migration. */
function takeClassDecorator(one: Invocation, parts: Parts): void {
  if (one.name !== 'Index' && one.name !== 'Unique') return;
  const given = stringOf(one.args[0]);
  const list = one.args.find((argument) => argument.kind === 'list' || argument.kind === 'function');
  const columns = list?.kind === 'function' ? fieldsOf(list.result) : stringsOf(list);
  const options = one.args.find((argument) => argument.kind === 'object');
  if (columns === undefined || columns.length === 0 || booleanOf(entryOf(options, 'synchronize')) === false) return;
  const name = list === one.args[0] ? undefined : given;
  const base = { span: one.span, ...(name !== undefined && { name }) };
  if (one.name === 'Unique') parts.constraints.push({ ...base, kind: 'unique', columns });
  else
    parts.indexes.push({
      ...base,
      keys: columns.map((column) => ({ column })),
      unique: booleanOf(entryOf(options, 'unique')) === true,
      ...whereOf(options),
    });
}

/** `(user) => [user.a, user.b]` */
const fieldsOf = (value: Value | undefined): readonly string[] | undefined =>
  value?.kind === 'list' ? value.items.flatMap((item) => (item.kind === 'name' ? [lastName(item.path)] : [])) : undefined;

function columnOf(call: Invocation, property: string, annotation: string, span: ColumnSpec['span']): ColumnSpec {
  const options = call.args.find((argument) => argument.kind === 'object');
  const first = call.args[0];
  const said =
    stringOf(entryOf(options, 'type')) ?? (first?.kind === 'string' ? first.value : undefined) ?? named(entryOf(options, 'type'));
  const generated = call.name === 'PrimaryGeneratedColumn';
  const uuid = generated && (said === 'uuid' || said === 'rowid');
  const times = /^(?:Create|Update|Delete)DateColumn$/.test(call.name);
  const written = annotation.replace(/\s*\|\s*(?:null|undefined)\b/g, '').trim();
  const type = said === 'increment' || said === 'identity' ? undefined : said;
  const typed = typeormType(
    type ??
      (generated
        ? 'int'
        : times
          ? 'Date'
          : call.name === 'VersionColumn'
            ? 'int'
            : written === '' || !/^(?:string|number|boolean|Date)$/.test(written)
              ? 'string'
              : written),
    {
      length: stringOf(entryOf(options, 'length')) ?? numberOf(entryOf(options, 'length'))?.toString(),
      precision: numberOf(entryOf(options, 'precision')),
      scale: numberOf(entryOf(options, 'scale')),
    },
  );
  const given = stringOf(entryOf(options, 'name'));
  const values = stringsOf(entryOf(options, 'enum'));
  const enumName = stringOf(entryOf(options, 'enumName'));
  return {
    name: given ?? property,
    ...(given !== undefined && given !== property && { property }),
    unnamed: given === undefined,
    type: typed,
    ...(enumName !== undefined && values !== undefined && { enumeration: { name: enumName, values } }),
    array: booleanOf(entryOf(options, 'array')) === true,
    notNull: call.name !== 'DeleteDateColumn' && booleanOf(entryOf(options, 'nullable')) !== true,
    primaryKey: booleanOf(entryOf(options, 'primary')) === true,
    autoIncrement: generated && !uuid,
    unique: booleanOf(entryOf(options, 'unique')) === true,
    span,
  };
}
const named = (value: Value | undefined): string | undefined => (value?.kind === 'name' ? lastName(value.path) : undefined);

/** `() => User`, `"User"`. */
function targetOf(call: Invocation): string | undefined {
  const [first] = call.args;
  if (first?.kind === 'function') return first.result?.kind === 'name' ? lastName(first.result.path) : undefined;
  return stringOf(first) ?? named(first);
}

/** The column of a relation to one; given back is what indexes call it. */
function takeRelation(
  call: Invocation,
  join: Invocation | undefined,
  property: string,
  parts: Parts,
  span: ColumnSpec['span'],
  primaryKey: boolean,
): string | undefined {
  const single = call.name === 'OneToOne';
  // The other side of a relation one to one has the column.
  if (single && join === undefined) return undefined;
  const target = targetOf(call);
  const options = join?.args[0];
  const referenced = stringOf(entryOf(options, 'referencedColumnName')) ?? 'id';
  const given = stringOf(entryOf(options, 'name'));
  const name = given ?? camelCase(`${property}_${referenced}`);
  const settings = call.args.find((argument) => argument.kind === 'object');
  const key = primaryKey || booleanOf(entryOf(settings, 'primary')) === true;
  const references = target === undefined ? undefined : { table: { symbol: target }, columns: [referenced] };
  const known = parts.columns.find((column) => column.name === name || column.property === name);
  if (known !== undefined) {
    // The column is declared beside its relation.
    if (references !== undefined) parts.constraints.push({ kind: 'foreign key', columns: [known.name], references, span });
  } else {
    parts.columns.push({
      name,
      property,
      unnamed: given === undefined,
      type: target === undefined ? ['integer', 'integer'] : 'referenced',
      notNull: key || booleanOf(entryOf(settings, 'nullable')) === false,
      primaryKey: key,
      unique: single,
      ...(references !== undefined && { references }),
      span,
    });
  }
  return name;
}

function takeMany(call: Invocation, join: Invocation | undefined, parts: Parts, span: ColumnSpec['span']): void {
  const target = targetOf(call);
  const options = join?.args[0];
  const given = stringOf(entryOf(options, 'name'));
  // Without names both depend on the other entity's table, which another file names.
  if (target === undefined || given === undefined) return;
  const nameAt = (key: string): string | undefined => stringOf(entryOf(entryOf(options, key), 'name'));
  parts.joins.push((owner, symbolOfOwner) => {
    const side = (name: string, symbol: string): ColumnSpec => ({
      name,
      type: 'referenced',
      notNull: true,
      primaryKey: true,
      indexed: true,
      references: { table: { symbol } },
      span,
    });
    const own = nameAt('joinColumn') ?? camelCase(`${owner}_id`);
    const other = nameAt('inverseJoinColumn') ?? camelCase(`${snakeCase(target)}_id`);
    return {
      kind: 'create table',
      table: { name: given },
      columns: [side(own, symbolOfOwner), side(other, target)],
      constraints: [],
      indexes: [],
      ifNotExists: true,
      span,
    };
  });
}

/** A `DataSource`: its type, and how it names. */
export function typeormConfiguration(_: Syntax, source: string): Declarations | undefined {
  const engines = new Set<EngineId>();
  for (const [, type = ''] of source.matchAll(/\btype\s*:\s*["'](\w[\w-]*)["']/g)) {
    if (/^(?:postgres|aurora-postgres|cockroachdb)$/.test(type)) engines.add('postgres');
    if (/^(?:sqlite|better-sqlite3|sqljs|expo|capacitor|react-native)$/.test(type)) engines.add('sqlite');
  }
  const strategy = /\bnamingStrategy\s*:\s*(?:new\s+)?(\w+)/.exec(source)?.[1];
  const naming = strategy === undefined ? undefined : /snake/i.test(strategy) ? ('snake' as const) : ('custom' as const);
  if (engines.size === 0 && naming === undefined) return undefined;
  return { tool: 'typeorm', form: 'configuration', engines: [...engines], steps: [], ...(naming !== undefined && { naming }) };
}
