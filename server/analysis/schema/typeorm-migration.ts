/** TypeORM migrations: the SQL and the schema builder of `up(queryRunner)`, as `typeorm/src/query-runner/QueryRunner.ts` has it. */
import { child, descendants, type Syntax } from '../readers/host/syntax.ts';
import type { ColumnSpec, ConstraintSpec, Declarations, IndexSpec, SchemaStep } from './declaration.ts';
import { scriptValue } from './script-value.ts';
import { typeormType } from './typeorm-types.ts';
import { booleanOf, entryOf, type Invocation, itemsOf, numberOf, stringOf, stringsOf, type Value } from './value.ts';

export function typeormMigration(module: Syntax, source: string): Declarations | undefined {
  const up = [...descendants(module)].find((node) => {
    const name = node.kind === 'method_definition' ? child(node, 'name') : undefined;
    return name !== undefined && source.slice(name.start, name.end) === 'up';
  });
  const body = up === undefined ? undefined : child(up, 'body');
  if (body === undefined) return undefined;
  const steps: SchemaStep[] = [];
  let behind = -1;
  for (const node of descendants(body)) {
    if (node.kind !== 'call_expression' || node.start < behind) continue;
    const value = scriptValue(node, source);
    if (value.kind !== 'call' || value.receiver?.kind !== 'name') continue;
    const found = stepsOf(value);
    if (found === undefined) continue;
    behind = node.end;
    steps.push(...found);
  }
  return { tool: 'typeorm', form: 'migration', engines: [], steps };
}

/** Undefined for a call that is none of the runner's. */
function stepsOf(call: Invocation): SchemaStep[] | undefined {
  const [first, second] = call.args;
  const name = stringOf(first);
  const table = { name: name?.slice(name.lastIndexOf('.') + 1) ?? '' };
  const built = (value: Value | undefined): Value | undefined => (value?.kind === 'call' ? value.args[0] : undefined);
  switch (call.name) {
    case 'query':
      return [{ kind: 'sql', span: call.span }];
    case 'createTable':
      return createTable(built(first), first, booleanOf(second) === true);
    case 'dropTable':
      return name === undefined ? [] : [{ kind: 'drop table', table }];
    case 'renameTable': {
      const to = stringOf(second);
      return name === undefined || to === undefined ? [] : [{ kind: 'rename table', table, to: { name: to } }];
    }
    case 'addColumn':
    case 'addColumns': {
      const values = second?.kind === 'list' ? second.items : second === undefined ? [] : [second];
      return values.flatMap((value): SchemaStep[] => {
        const column = columnOf(built(value), value);
        return column === undefined ? [] : [{ kind: 'add column', table, column }];
      });
    }
    case 'dropColumn':
    case 'dropColumns':
      return (stringsOf(second) ?? []).map((column) => ({ kind: 'drop column', table, column }));
    case 'renameColumn': {
      const [from, to] = [stringOf(second), stringOf(call.args[2])];
      return from === undefined || to === undefined ? [] : [{ kind: 'rename column', table, column: from, to }];
    }
    case 'changeColumn': {
      const column = columnOf(built(call.args[2]), call);
      const from = stringOf(second);
      if (column === undefined || from === undefined) return [];
      return [
        { kind: 'alter column', table, column: from, change: { type: column.type, notNull: column.notNull } },
        { kind: 'rename column', table, column: from, to: column.name },
      ];
    }
    case 'createIndex': {
      const index = indexOf(built(second), call);
      return index === undefined ? [] : [{ kind: 'create index', table, index }];
    }
    case 'dropIndex': {
      const index = stringOf(second);
      return index === undefined ? [] : [{ kind: 'drop index', table, name: index }];
    }
    case 'createForeignKey': {
      const constraint = foreignKeyOf(built(second), call);
      return constraint === undefined ? [] : [{ kind: 'add constraint', table, constraint }];
    }
    case 'dropForeignKey': {
      const constraint = stringOf(second);
      return constraint === undefined ? [] : [{ kind: 'drop constraint', table, name: constraint, of: 'foreign key' }];
    }
    default:
      return undefined;
  }
}

function createTable(options: Value | undefined, at: Value | undefined, ifNotExists: boolean): SchemaStep[] {
  const value = entryOf(options, 'name');
  const name = stringOf(value);
  if (name === undefined || value === undefined || at === undefined) return [];
  const columns = itemsOf(entryOf(options, 'columns')).flatMap((item) => columnOf(item, item) ?? []);
  const indexes = itemsOf(entryOf(options, 'indices')).flatMap((item) => indexOf(item, item) ?? []);
  const uniques = itemsOf(entryOf(options, 'uniques')).map(
    (item): ConstraintSpec => ({ kind: 'unique', columns: stringsOf(entryOf(item, 'columnNames')) ?? [], span: item.span }),
  );
  const foreign = itemsOf(entryOf(options, 'foreignKeys')).flatMap((item) => foreignKeyOf(item, item) ?? []);
  return [
    {
      kind: 'create table',
      table: { name: name.slice(name.lastIndexOf('.') + 1) },
      columns,
      constraints: [...uniques, ...foreign],
      indexes,
      ifNotExists,
      span: value.span,
    },
  ];
}

function columnOf(given: Value | undefined, at: Value): ColumnSpec | undefined {
  // A list may hold objects or `new TableColumn({ … })`.
  const options = given?.kind === 'call' ? given.args[0] : given;
  const name = stringOf(entryOf(options, 'name'));
  const type = stringOf(entryOf(options, 'type'));
  if (name === undefined) return undefined;
  const flag = (key: string): boolean => booleanOf(entryOf(options, key)) === true;
  return {
    name,
    type: typeormType(type ?? 'varchar', {
      length: stringOf(entryOf(options, 'length')),
      precision: numberOf(entryOf(options, 'precision')),
      scale: numberOf(entryOf(options, 'scale')),
    }),
    array: flag('isArray'),
    notNull: !flag('isNullable'),
    primaryKey: flag('isPrimary'),
    autoIncrement: flag('isGenerated') && stringOf(entryOf(options, 'generationStrategy')) === 'increment',
    unique: flag('isUnique'),
    span: at.span,
  };
}

function indexOf(given: Value | undefined, at: Value): IndexSpec | undefined {
  const options = given?.kind === 'call' ? given.args[0] : given;
  const columns = stringsOf(entryOf(options, 'columnNames'));
  if (columns === undefined) return undefined;
  const name = stringOf(entryOf(options, 'name'));
  const where = stringOf(entryOf(options, 'where'));
  return {
    keys: columns.map((column) => ({ column })),
    unique: booleanOf(entryOf(options, 'isUnique')) === true,
    unknown: where === undefined && entryOf(options, 'where') !== undefined,
    ...(where !== undefined && { where }),
    ...(name !== undefined && { name }),
    span: at.span,
  };
}

function foreignKeyOf(given: Value | undefined, at: Value): ConstraintSpec | undefined {
  const options = given?.kind === 'call' ? given.args[0] : given;
  const columns = stringsOf(entryOf(options, 'columnNames'));
  const table = stringOf(entryOf(options, 'referencedTableName'));
  const referenced = stringsOf(entryOf(options, 'referencedColumnNames'));
  if (columns === undefined || table === undefined) return undefined;
  const name = stringOf(entryOf(options, 'name'));
  return {
    kind: 'foreign key',
    columns,
    references: { table: { name: table }, ...(referenced !== undefined && { columns: referenced }) },
    ...(name !== undefined && { name }),
    span: at.span,
  };
}
