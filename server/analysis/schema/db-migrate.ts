/** The calls of db-migrate in `up(db)` (`db-migrate-base`, its `index.js`), handed on or bound for a series; and SQL of any tool. */
import type { Syntax } from '../readers/host/syntax.ts';
import type { ColumnSpec, SchemaStep, TypeText } from './declaration.ts';
import { callsIn } from './script-tree.ts';
import { booleanOf, entryOf, type Invocation, lastName, numberOf, stringOf, stringsOf, type Value } from './value.ts';

const operations =
  /^(?:createTable|dropTable|renameTable|addColumn|removeColumn|renameColumn|changeColumn|addIndex|removeIndex|addForeignKey|removeForeignKey|runSql)$/;

/** Everything in `up` where it is none of these calls: then its SQL is run in the order it is written. */
export function dbMigrateSteps(up: Syntax, source: string): readonly SchemaStep[] {
  const steps: SchemaStep[] = [];
  for (const call of callsIn(up, source, (one) => operationOf(one) !== undefined)) {
    const operation = operationOf(call);
    if (operation !== undefined) steps.push(...stepsOf(operation.name, operation.args, call));
  }
  return steps.length > 0 ? steps : [{ kind: 'sql', span: { start: up.start, end: up.end } }];
}

/** `db.addColumn("t", …)` and `db.addColumn.bind(db, "t", …)`. */
function operationOf(call: Invocation): { readonly name: string; readonly args: readonly Value[] } | undefined {
  if (call.receiver?.kind !== 'name') return undefined;
  if (call.name === 'bind') {
    const name = lastName(call.receiver.path);
    return operations.test(name) ? { name, args: call.args.slice(1) } : undefined;
  }
  return operations.test(call.name) ? { name: call.name, args: call.args } : undefined;
}

function stepsOf(operation: string, args: readonly Value[], call: Invocation): SchemaStep[] {
  const [first, second, third, fourth] = args;
  const name = stringOf(first);
  const text = stringOf(second);
  const { span } = call;
  if (operation === 'runSql') return [{ kind: 'sql', span }];
  if (name === undefined || first === undefined) return [];
  const table = { name };
  switch (operation) {
    case 'createTable': {
      const nested = entryOf(second, 'columns');
      const body = nested?.kind === 'object' ? nested : second;
      const columns = body?.kind === 'object' ? body.entries.flatMap(({ key, value }) => columnOf(key, value) ?? []) : [];
      const ifNotExists = booleanOf(entryOf(second, 'ifNotExists')) !== false;
      return [{ kind: 'create table', table, columns, constraints: [], indexes: [], ifNotExists, span: first.span }];
    }
    case 'dropTable':
      return [{ kind: 'drop table', table }];
    case 'renameTable':
      return text === undefined ? [] : [{ kind: 'rename table', table, to: { name: text } }];
    case 'addColumn':
    case 'changeColumn': {
      const column = text === undefined || third === undefined ? undefined : columnOf(text, third);
      if (column === undefined || text === undefined) return [];
      if (operation === 'addColumn') return [{ kind: 'add column', table, column: { ...column, span } }];
      return [{ kind: 'alter column', table, column: text, change: { type: column.type, notNull: column.notNull } }];
    }
    case 'removeColumn':
      return text === undefined ? [] : [{ kind: 'drop column', table, column: text }];
    case 'renameColumn': {
      const to = stringOf(third);
      return text === undefined || to === undefined ? [] : [{ kind: 'rename column', table, column: text, to }];
    }
    case 'addIndex': {
      const columns = stringsOf(third) ?? [];
      const index = { keys: columns.map((column) => ({ column })), unique: booleanOf(fourth) === true, span };
      return [{ kind: 'create index', table, index: { ...index, ...(text !== undefined && { name: text }) } }];
    }
    case 'removeIndex':
      return [{ kind: 'drop index', name: text ?? name }];
    case 'addForeignKey': {
      const mapping = fourth?.kind === 'object' ? fourth.entries : [];
      const columns = mapping.map(({ key }) => key);
      const references = mapping.flatMap(({ value }) => stringOf(value) ?? []);
      if (text === undefined || columns.length === 0) return [];
      const constraint = { kind: 'foreign key', columns, references: { table: { name: text }, columns: references }, span } as const;
      return [{ kind: 'add constraint', table, constraint }];
    }
    default:
      return [];
  }
}

/** `mapDataType` of db-migrate-pg and db-migrate-sqlite3. */
const plain: Readonly<Record<string, TypeText>> = {
  string: ['varchar', 'varchar'],
  int: ['integer', 'integer'],
  bigint: ['bigint', 'bigint'],
  smallint: ['smallint', 'smallint'],
  text: ['text', 'text'],
  datetime: ['timestamp', 'datetime'],
  timestamp: ['timestamp', 'datetime'],
  timestamptz: ['timestamptz', 'datetime'],
  date: ['date', 'date'],
  time: ['time', 'time'],
  boolean: ['boolean', 'boolean'],
  real: ['real', 'real'],
  decimal: ['numeric', 'decimal'],
  blob: ['bytea', 'blob'],
  binary: ['bytea', 'blob'],
  uuid: ['uuid', 'text'],
  json: ['json', 'text'],
  jsonb: ['jsonb', 'text'],
};

function columnOf(name: string, spec: Value): ColumnSpec | undefined {
  const type = stringOf(spec) ?? stringOf(entryOf(spec, 'type'));
  if (type === undefined) return undefined;
  const [postgres, sqlite] = plain[type.toLowerCase()] ?? [type, type];
  const length = numberOf(entryOf(spec, 'length'));
  const size = length !== undefined && postgres === 'varchar' ? `(${length})` : '';
  const flag = (key: string): boolean => booleanOf(entryOf(spec, key)) === true;
  const foreign = stringOf(entryOf(entryOf(spec, 'foreignKey'), 'table'));
  return {
    name,
    type: [`${postgres}${size}`, `${sqlite}${size}`],
    notNull: flag('notNull') || flag('primaryKey'),
    primaryKey: flag('primaryKey'),
    autoIncrement: flag('autoIncrement'),
    unique: flag('unique'),
    ...(foreign !== undefined && { references: { table: { name: foreign } } }),
    span: spec.span,
  };
}
