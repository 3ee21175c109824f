/** Django migrations: the operations of `django/db/migrations/operations/`, and where each stands in the order. */
import type { Syntax } from '../readers/host/syntax.ts';
import type { Declarations, SchemaStep, TableRef } from './declaration.ts';
import { type DjangoModel, djangoField, symbolOf } from './django-fields.ts';
import { djangoConstraint, djangoIndex } from './django-indexes.ts';
import { assignmentsOf, classesOf } from './python-tree.ts';
import { pythonValue } from './python-value.ts';
import { booleanOf, calleeOf, entryOf, type Invocation, itemsOf, lastName, stringOf, stringsOf, type Value } from './value.ts';

export function djangoMigration(module: Syntax, source: string, path: string): Declarations | undefined {
  const migration = classesOf(module, source).find(({ bases }) =>
    bases.some((base) => base.kind === 'name' && lastName(base.path) === 'Migration'),
  );
  const place = /(?:^|\/)([^/]+)\/migrations\/([^/]+)\.py$/.exec(path);
  if (migration === undefined || place === null) return undefined;
  const [, app = '', name = ''] = place;
  const attributes = assignmentsOf(migration.body, source);
  const operations = attributes.get('operations');
  const pairs = (key: string): string[] =>
    itemsOf(pythonValue(attributes.get(key), source)).flatMap((item) => {
      const [label, id] = stringsOf(item) ?? [];
      return label === undefined || id === undefined ? [] : [`${label}.${id}`];
    });
  const steps = itemsOf(operations === undefined ? undefined : pythonValue(operations, source)).flatMap((item) =>
    stepsOf(item, app, false),
  );
  const replaces = pairs('replaces');
  return {
    tool: 'django',
    form: 'migration',
    engines: [],
    id: `${app}.${name}`,
    follows: pairs('dependencies'),
    ...(replaces.length > 0 && { replaces }),
    steps,
  };
}

/** `stateOnly`: the operation changes what Django knows, not the database. */
function stepsOf(value: Value, app: string, stateOnly: boolean): SchemaStep[] {
  if (value.kind !== 'call') return [];
  const at = (key: string, position: number): Value | undefined => entryOf(value, key) ?? value.args[position];
  const text = (key: string, position: number): string | undefined => stringOf(at(key, position));
  const operation = lastName(calleeOf(value));
  const ofModel = (key: string): DjangoModel => ({ app, name: (text(key, 0) ?? '').toLowerCase() });
  if (operation === 'SeparateDatabaseAndState') {
    const database = itemsOf(at('database_operations', 0)).flatMap((item) => stepsOf(item, app, false));
    return [...database, ...itemsOf(at('state_operations', 1)).flatMap((item) => stepsOf(item, app, true))];
  }
  if (operation === 'CreateModel') return createModel(value, ofModel('name'), stateOnly);
  const model = ofModel(/^(?:DeleteModel|AlterModelTable|AlterUniqueTogether|AlterIndexTogether)$/.test(operation) ? 'name' : 'model_name');
  const table: TableRef = { symbol: symbolOf(model) };
  switch (operation) {
    case 'AddField':
    case 'AlterField': {
      const name = text('name', 1);
      const field = at('field', 2);
      if (name === undefined || field === undefined) return [];
      return operation === 'AddField' ? addField(value, model, name, field, stateOnly) : alterField(value, model, name, field);
    }
    case 'RunSQL':
      return [{ kind: 'sql', span: (at('sql', 0) ?? value).span }];
    case 'AddIndex':
    case 'AddIndexConcurrently': {
      const index = djangoIndex(at('index', 1));
      return index === undefined ? [] : [{ kind: 'create index', table, index: { ...index, span: value.span } }];
    }
    case 'AddConstraint': {
      const found = djangoConstraint(at('constraint', 1));
      if (found === undefined) return [];
      return 'index' in found
        ? [{ kind: 'create index', table, index: { ...found.index, span: value.span } }]
        : [{ kind: 'add constraint', table, constraint: { ...found.constraint, span: value.span } }];
    }
    case 'TrigramExtension':
      return [{ kind: 'create extension', name: 'pg_trgm', span: value.span }];
    case 'CreateExtension': {
      const name = text('name', 0);
      return name === undefined ? [] : [{ kind: 'create extension', name, span: value.span }];
    }
    default: {
      const extension = /^(BtreeGin|BtreeGist|CIText|HStore|Unaccent|Crypto|Bloom)Extension$/.exec(operation)?.[1];
      if (extension !== undefined)
        return [{ kind: 'create extension', name: extensions[extension] ?? extension.toLowerCase(), span: value.span }];
      return stateOnly ? [] : takingAway(operation, value, model, table, app);
    }
  }
}

const extensions: Readonly<Record<string, string>> = { BtreeGin: 'btree_gin', BtreeGist: 'btree_gist', Crypto: 'pgcrypto' };

function takingAway(operation: string, value: Invocation, model: DjangoModel, table: TableRef, app: string): SchemaStep[] {
  const text = (key: string, position: number): string | undefined => stringOf(entryOf(value, key) ?? value.args[position]);
  switch (operation) {
    case 'DeleteModel':
      return [{ kind: 'drop table', table }];
    case 'RenameModel': {
      const [from, to] = [text('old_name', 0)?.toLowerCase(), text('new_name', 1)?.toLowerCase()];
      if (from === undefined || to === undefined) return [];
      return [
        {
          kind: 'rename table',
          table: { symbol: `${app}.${from}` },
          to: { name: `${app}_${to}` },
          ifNamed: `${app}_${from}`,
          symbol: `${app}.${to}`,
        },
      ];
    }
    case 'AlterModelTable': {
      const to = text('table', 1) ?? `${app}_${model.name}`;
      return [{ kind: 'rename table', table, to: { name: to } }];
    }
    case 'RemoveField': {
      const name = text('name', 1);
      if (name === undefined) return [];
      // Of a relation to many the table goes.
      return [
        { kind: 'drop column', table, column: name },
        { kind: 'drop table', table: { symbol: `${symbolOf(model)}.${name}` } },
      ];
    }
    case 'RenameField': {
      const [from, to] = [text('old_name', 1), text('new_name', 2)];
      if (from === undefined || to === undefined) return [];
      const many = `${symbolOf(model)}.${from}`;
      return [
        { kind: 'rename column', table, column: from, to, property: to },
        {
          kind: 'rename table',
          table: { symbol: many },
          to: { symbol: symbolOf(model), suffix: `_${to}` },
          symbol: `${symbolOf(model)}.${to}`,
        },
      ];
    }
    case 'RemoveIndex':
    case 'RemoveIndexConcurrently': {
      const name = text('name', 1);
      return name === undefined ? [] : [{ kind: 'drop index', table, name }];
    }
    case 'RenameIndex': {
      const [from, to] = [text('old_name', 2), text('new_name', 1)];
      return from === undefined || to === undefined ? [] : [{ kind: 'rename index', name: from, to }];
    }
    case 'RemoveConstraint': {
      const name = text('name', 1);
      return name === undefined ? [] : [{ kind: 'drop constraint', table, name }];
    }
    case 'AlterUniqueTogether':
    case 'AlterIndexTogether': {
      const unique = operation === 'AlterUniqueTogether';
      const groups = groupsOf(entryOf(value, unique ? 'unique_together' : 'index_together') ?? value.args[1]);
      return [{ kind: 'replace together', table, unique, groups, span: value.span }];
    }
    default:
      return [];
  }
}

/** `{("a", "b")}`, `[["a", "b"]]`, `("a", "b")`, `set()`. */
function groupsOf(value: Value | undefined): readonly (readonly string[])[] {
  const one = stringsOf(value);
  if (one !== undefined && one.length > 0) return [one];
  // `set([("a", "b")])` of the first versions.
  const list = value?.kind === 'call' ? value.args[0] : value;
  return itemsOf(list).flatMap((item) => {
    const group = stringsOf(item);
    return group === undefined || group.length === 0 ? [] : [group];
  });
}

function createModel(call: Invocation, model: DjangoModel, stateOnly: boolean): SchemaStep[] {
  const options = entryOf(call, 'options') ?? call.args[2];
  if (model.name === '' || booleanOf(entryOf(options, 'proxy')) === true || booleanOf(entryOf(options, 'abstract')) === true) return [];
  // Django leaves the table of a model that it does not manage to others.
  if (booleanOf(entryOf(options, 'managed')) === false) return [];
  const fields = itemsOf(entryOf(call, 'fields') ?? call.args[1]).flatMap((item) => {
    const [name, field] = itemsOf(item);
    const text = stringOf(name);
    const found = text === undefined || field === undefined ? undefined : djangoField(text, field, model, item.span);
    return found === undefined ? [] : [found];
  });
  const constraints = itemsOf(entryOf(options, 'constraints')).flatMap((item) => djangoConstraint(item) ?? []);
  const nameSpan = (entryOf(call, 'name') ?? call.args[0] ?? call).span;
  return [
    {
      kind: 'create table',
      table: { name: stringOf(entryOf(options, 'db_table')) ?? `${model.app}_${model.name}` },
      symbol: symbolOf(model),
      columns: fields.flatMap((field) => (field.kind === 'column' ? [field.column] : [])),
      constraints: [
        ...constraints.flatMap((found) => ('constraint' in found ? [found.constraint] : [])),
        ...groupsOf(entryOf(options, 'unique_together')).map((columns) => ({ kind: 'unique' as const, columns, span: nameSpan })),
      ],
      indexes: [
        ...itemsOf(entryOf(options, 'indexes')).flatMap((item) => djangoIndex(item) ?? []),
        ...constraints.flatMap((found) => ('index' in found ? [found.index] : [])),
        ...groupsOf(entryOf(options, 'index_together')).map((group) => ({ keys: group.map((column) => ({ column })), span: nameSpan })),
      ],
      ifNotExists: stateOnly,
      span: nameSpan,
    },
    ...fields.flatMap((field) => (field.kind === 'relation' ? field.steps(model) : [])),
  ];
}

function addField(call: Invocation, model: DjangoModel, name: string, field: Value, stateOnly: boolean): SchemaStep[] {
  const found = djangoField(name, field, model, call.span);
  if (found === undefined) return [];
  if (found.kind === 'relation') return [...found.steps(model)];
  return [{ kind: 'add column', table: { symbol: symbolOf(model) }, column: found.column, ifNotExists: stateOnly }];
}

function alterField(call: Invocation, model: DjangoModel, name: string, field: Value): SchemaStep[] {
  const found = djangoField(name, field, model, call.span);
  if (found?.kind !== 'column') return [];
  const table: TableRef = { symbol: symbolOf(model) };
  const { name: column, span: _, ...change } = found.column;
  return [
    { kind: 'rename column', table, column: name, to: column, property: name },
    {
      kind: 'alter column',
      table,
      column,
      // What the new field does not say is gone.
      change: { references: undefined, array: undefined, autoIncrement: undefined, enumeration: undefined, ...change },
    },
  ];
}
