/**
 * Rails: `db/schema.rb`, which ActiveRecord writes after every migration, and where there is none `db/migrate/*.rb`, as
 * `activerecord/lib/active_record/connection_adapters/abstract/schema_statements.rb` takes them.
 */
import { child, childOfKind, descendants, namedChildren, type Syntax } from '../readers/host/syntax.ts';
import type { EngineId } from '../sql/statement.ts';
import type { ColumnSpec, ConstraintSpec, Declarations, IndexSpec, SchemaStep } from './declaration.ts';
import { optionsOf, railsColumn, railsIndex, railsKey, railsReference } from './rails-columns.ts';
import { type Heredocs, heredocsIn, rubyValue } from './ruby-value.ts';
import { booleanOf, entryOf, type Invocation, stringOf, stringsOf, type Value } from './value.ts';

export interface RailsFile {
  readonly declares: Declarations;
  /** SQL that the file hands over as it is, with what `create_view` puts before it. */
  readonly sql: readonly { readonly before: string; readonly span: { readonly start: number; readonly end: number } }[];
}

export function railsFile(module: Syntax, source: string): RailsFile | undefined {
  const heredocs = heredocsIn(module);
  const context: Context = { source, heredocs, sql: [] };
  const schema = /\bActiveRecord::Schema\b/.test(source);
  const migration = schema ? undefined : migrationBody(module, source);
  const top = schema ? schemaBody(module) : migration;
  if (top === undefined) return undefined;
  const steps = stepsIn(top, context);
  const engines = enginesOf(source);
  return { declares: { tool: 'rails', form: schema ? 'snapshot' : 'migration', engines, steps }, sql: context.sql };
}

interface Context {
  readonly source: string;
  readonly heredocs: Heredocs;
  readonly sql: { before: string; span: { start: number; end: number } }[];
}

/** What only one engine's schema has: a dump names its extensions and types. */
function enginesOf(source: string): readonly EngineId[] {
  return /\benable_extension\b|\bt\.(?:jsonb|inet|citext|tsvector|hstore|ltree|int8range|tstzrange)\b|using: :(?:gin|gist|brin)\b|::(?:text|character varying|jsonb)\b/.test(
    source,
  )
    ? ['postgres']
    : [];
}

function schemaBody(module: Syntax): Syntax | undefined {
  for (const node of descendants(module)) {
    const block = node.kind === 'call' ? child(node, 'block') : undefined;
    if (block !== undefined) return child(block, 'body') ?? block;
  }
  return undefined;
}

/** `change` or `up` of the class that is an ActiveRecord::Migration. */
function migrationBody(module: Syntax, source: string): Syntax | undefined {
  for (const node of descendants(module)) {
    const name = node.kind === 'method' ? child(node, 'name') : undefined;
    if (name !== undefined && /^(?:change|up)$/.test(source.slice(name.start, name.end)))
      return child(node, 'body') ?? childOfKind(node, 'body_statement');
  }
  return undefined;
}

/** The calls without a receiver, in the order they are written; a builder's block is read with its table. */
function stepsIn(body: Syntax, context: Context): SchemaStep[] {
  const steps: SchemaStep[] = [];
  let behind = -1;
  for (const node of descendants(body, (one) => !isDown(one, context.source))) {
    if (node.kind !== 'call' || node.start < behind) continue;
    const method = child(node, 'method');
    const receiver = child(node, 'receiver');
    if (method === undefined || receiver !== undefined || !statements.has(context.source.slice(method.start, method.end))) continue;
    const call = rubyValue(node, context.source, context.heredocs);
    if (call.kind !== 'call') continue;
    behind = node.end;
    steps.push(...stepsOf(call, context));
  }
  return steps;
}

/** `dir.down { … }` of a reversible step. */
function isDown(node: Syntax, source: string): boolean {
  const method = node.kind === 'call' ? child(node, 'method') : undefined;
  return method !== undefined && child(node, 'receiver') !== undefined && source.slice(method.start, method.end) === 'down';
}

const statements = new Set(
  `create_table change_table drop_table rename_table create_join_table drop_join_table add_column remove_column remove_columns rename_column change_column
  change_column_null add_index remove_index rename_index add_reference add_belongs_to remove_reference remove_belongs_to add_timestamps remove_timestamps
  add_foreign_key remove_foreign_key create_enum enable_extension execute create_view`.split(/\s+/),
);

function stepsOf(call: Invocation, context: Context): SchemaStep[] {
  const [first, second, third] = call.args;
  const options = optionsOf(call);
  const name = stringOf(first);
  if (name === undefined || first === undefined) return [];
  // `"audit.events"`
  const cut = name.indexOf('.');
  const table = cut > 0 ? { name: name.slice(cut + 1), schema: name.slice(0, cut) } : { name };
  const text = stringOf(second);
  const { span } = call;
  switch (call.name) {
    case 'create_table':
      return createTable(call, table, first.span, context);
    case 'create_join_table': {
      const joined = [name, text ?? ''].sort().join('_');
      const made = stringOf(entryOf(options, 'table_name')) ?? joined;
      const columns = [name, text ?? ''].map(
        (each): ColumnSpec => ({ name: `${singularOf(each)}_id`, type: ['bigint', 'integer'], notNull: true, span }),
      );
      const built = builderOf(call.block, made, context);
      return [
        {
          kind: 'create table',
          table: { name: made },
          columns: [...columns, ...built.columns],
          constraints: [],
          indexes: built.indexes,
          span: first.span,
        },
      ];
    }
    case 'change_table': {
      const built = builderOf(call.block, table.name, context);
      return [
        ...built.steps,
        ...built.columns.map((column): SchemaStep => ({ kind: 'add column', table, column })),
        ...built.indexes.map((index): SchemaStep => ({ kind: 'create index', table, index })),
      ];
    }
    case 'drop_table':
      return call.args.flatMap((argument): SchemaStep[] => {
        const one = stringOf(argument);
        return one === undefined ? [] : [{ kind: 'drop table', table: { name: one } }];
      });
    case 'rename_table':
      return text === undefined ? [] : [{ kind: 'rename table', table, to: { name: text } }];
    case 'add_column': {
      const type = stringOf(third);
      const column = text === undefined || type === undefined ? undefined : railsColumn(text, type, options, span);
      return column === undefined
        ? []
        : [{ kind: 'add column', table, column, ifNotExists: booleanOf(entryOf(options, 'if_not_exists')) === true }];
    }
    case 'remove_column':
    case 'remove_columns': {
      const names = call.name === 'remove_column' ? [second] : call.args.slice(1);
      return names.flatMap((argument): SchemaStep[] =>
        (stringsOf(argument) ?? []).map((column) => ({ kind: 'drop column', table, column })),
      );
    }
    case 'rename_column': {
      const to = stringOf(third);
      return text === undefined || to === undefined ? [] : [{ kind: 'rename column', table, column: text, to }];
    }
    case 'change_column': {
      const type = stringOf(third);
      const column = text === undefined || type === undefined ? undefined : railsColumn(text, type, options, span);
      if (column === undefined || text === undefined) return [];
      const nullable = booleanOf(entryOf(options, 'null'));
      const change = { type: column.type, enumeration: column.enumeration, ...(nullable !== undefined && { notNull: !nullable }) };
      return [{ kind: 'alter column', table, column: text, change }];
    }
    case 'change_column_null': {
      const nullable = booleanOf(third);
      return text === undefined || nullable === undefined
        ? []
        : [{ kind: 'alter column', table, column: text, change: { notNull: !nullable } }];
    }
    case 'add_index':
      return [{ kind: 'create index', table, index: railsIndex(second, options, span) }];
    case 'remove_index': {
      const named = stringOf(entryOf(options, 'name'));
      const columns = stringsOf(entryOf(options, 'column') ?? (second?.kind === 'object' ? undefined : second));
      return [{ kind: 'drop index', table, ...(named !== undefined ? { name: named } : { columns: columns ?? [] }) }];
    }
    case 'rename_index': {
      const to = stringOf(third);
      return text === undefined || to === undefined ? [] : [{ kind: 'rename index', name: text, to }];
    }
    case 'add_reference':
    case 'add_belongs_to': {
      if (text === undefined) return [];
      const { columns, indexes } = railsReference(text, options, table.name, span);
      return [
        ...columns.map((column): SchemaStep => ({ kind: 'add column', table, column })),
        ...indexes.map((index): SchemaStep => ({ kind: 'create index', table, index })),
      ];
    }
    case 'remove_reference':
    case 'remove_belongs_to':
      return text === undefined ? [] : [`${text}_id`, `${text}_type`].map((column) => ({ kind: 'drop column', table, column }));
    case 'add_timestamps':
      return timestamps(options, span).map((column) => ({ kind: 'add column', table, column }));
    case 'remove_timestamps':
      return ['created_at', 'updated_at'].map((column) => ({ kind: 'drop column', table, column }));
    case 'add_foreign_key': {
      if (text === undefined) return [];
      const columns = stringsOf(entryOf(options, 'column')) ?? [`${singularOf(text)}_id`];
      const keys = stringsOf(entryOf(options, 'primary_key'));
      const constraint: ConstraintSpec = {
        kind: 'foreign key',
        columns,
        references: { table: { name: text }, ...(keys !== undefined && { columns: keys }) },
        span,
      };
      return [{ kind: 'add constraint', table, constraint }];
    }
    case 'remove_foreign_key': {
      const column = stringsOf(entryOf(options, 'column')) ?? (text === undefined ? undefined : [`${singularOf(text)}_id`]);
      return column === undefined ? [] : [{ kind: 'drop constraint', table, of: 'foreign key', columns: column }];
    }
    case 'create_enum':
      return [{ kind: 'create type', name, values: stringsOf(second) ?? [], span }];
    case 'enable_extension':
      return name === 'plpgsql' || name === 'pg_catalog.plpgsql'
        ? []
        : [{ kind: 'create extension', name: name.replace(/^\w+\./, ''), span }];
    case 'execute':
      context.sql.push({ before: '', span: first.span });
      return [{ kind: 'sql', span: first.span }];
    case 'create_view': {
      // The gem `scenic` writes the query of a view into the schema.
      const definition = entryOf(options, 'sql_definition');
      if (definition?.kind !== 'string') return [];
      const materialized = booleanOf(entryOf(options, 'materialized')) === true || entryOf(options, 'materialized')?.kind === 'object';
      context.sql.push({
        before: `CREATE ${materialized ? 'MATERIALIZED ' : ''}VIEW "${name.replaceAll('"', '')}" AS `,
        span: definition.span,
      });
      return [{ kind: 'sql', span: definition.span }];
    }
    default:
      return [];
  }
}

const singularOf = (name: string): string => {
  if (/ies$/.test(name)) return `${name.slice(0, -3)}y`;
  if (/(?:s|x|z|ch|sh)es$/.test(name)) return name.slice(0, -2);
  return /[^s]s$/.test(name) ? name.slice(0, -1) : name;
};

function createTable(call: Invocation, table: { readonly name: string }, span: ColumnSpec['span'], context: Context): SchemaStep[] {
  const options = optionsOf(call);
  const built = builderOf(call.block, table.name, context);
  const composite = entryOf(options, 'primary_key');
  const key = composite?.kind === 'list' ? stringsOf(composite) : undefined;
  return [
    {
      kind: 'create table',
      table,
      columns: [...railsKey(options, span), ...built.columns],
      constraints: [...built.constraints, ...(key === undefined ? [] : [{ kind: 'primary key' as const, columns: key, span }])],
      indexes: built.indexes,
      ifNotExists: booleanOf(entryOf(options, 'if_not_exists')) === true,
      span,
    },
    ...built.steps,
  ];
}

function timestamps(options: Value, span: ColumnSpec['span']): ColumnSpec[] {
  const notNull = booleanOf(entryOf(options, 'null')) !== true;
  return ['created_at', 'updated_at'].map((name) => ({ name, type: ['timestamp(6)', 'datetime'], notNull, span }));
}

interface Built {
  readonly columns: ColumnSpec[];
  readonly constraints: ConstraintSpec[];
  readonly indexes: IndexSpec[];
  readonly steps: SchemaStep[];
}

/** `t.string …` in the block that a table's definition is handed. */
function builderOf(block: Value | undefined, table: string, context: Context): Built {
  const built: Built = { columns: [], constraints: [], indexes: [], steps: [] };
  if (block?.kind !== 'function') return built;
  const [builder] = block.parameters;
  for (const node of namedChildren(block.body)) {
    const call = node.kind === 'call' ? rubyValue(node, context.source, context.heredocs) : undefined;
    if (call?.kind !== 'call' || call.receiver?.kind !== 'name' || call.receiver.path !== builder) continue;
    const options = optionsOf(call);
    const names = call.args.flatMap((argument) => stringOf(argument) ?? []);
    const { span } = call;
    switch (call.name) {
      case 'index':
        built.indexes.push(railsIndex(call.args[0], options, span));
        break;
      case 'timestamps':
        built.columns.push(...timestamps(options, span));
        break;
      case 'references':
      case 'belongs_to':
        for (const name of names) {
          const { columns, indexes } = railsReference(name, options, table, span);
          built.columns.push(...columns);
          built.indexes.push(...indexes);
        }
        break;
      case 'remove':
        for (const column of names) built.steps.push({ kind: 'drop column', table: { name: table }, column });
        break;
      case 'rename': {
        const [from, to] = names;
        if (from !== undefined && to !== undefined) built.steps.push({ kind: 'rename column', table: { name: table }, column: from, to });
        break;
      }
      case 'unique_constraint': {
        const name = stringOf(entryOf(options, 'name'));
        built.constraints.push({ kind: 'unique', columns: stringsOf(call.args[0]) ?? [], span, ...(name !== undefined && { name }) });
        break;
      }
      case 'column': {
        const [name, type] = names;
        const column = name === undefined || type === undefined ? undefined : railsColumn(name, type, options, span);
        if (column !== undefined) built.columns.push(column);
        break;
      }
      default:
        for (const name of names) {
          const column = railsColumn(name, call.name, options, span);
          if (column === undefined) continue;
          built.columns.push(column);
          const index = entryOf(options, 'index');
          if (index === undefined || booleanOf(index) === false) continue;
          built.indexes.push(railsIndex({ kind: 'string', value: name, span }, index, span));
        }
    }
  }
  return built;
}

/** `config/database.yml` and a Gemfile: which engine the adapter is. */
export function railsConfiguration(text: string): Declarations | undefined {
  const engines = new Set<EngineId>();
  const uncommented = text.replace(/^\s*#.*$/gm, '');
  for (const [, adapter, gem] of uncommented.matchAll(/^\s*adapter:\s*["']?([\w-]+)|^\s*gem\s+["']([\w-]+)["']/gm)) {
    const name = adapter ?? gem ?? '';
    if (/^(?:postgresql|postgis|pg)$/.test(name)) engines.add('postgres');
    if (name === 'sqlite3') engines.add('sqlite');
  }
  return engines.size === 0 ? undefined : { tool: 'rails', form: 'configuration', engines: [...engines], steps: [] };
}
