/**
 * A settings module of Django: which engine DATABASES names, and the tables of the applications that Django brings,
 * whose migrations lie in its own package (`django/contrib/{auth,contenttypes,admin,sessions,sites}/migrations`).
 */
import type { Syntax } from '../readers/host/syntax.ts';
import type { Span } from '../span.ts';
import type { EngineId } from '../sql/statement.ts';
import type { ColumnSpec, Declarations, SchemaStep, TypeText } from './declaration.ts';
import { userModel } from './django-fields.ts';
import { assignmentsOf } from './python-tree.ts';
import { pythonValue } from './python-value.ts';
import { itemsOf, stringOf } from './value.ts';

const backend = /["'](?:[\w.]+\.)?(postgresql|postgresql_psycopg2|postgis|sqlite3|spatialite)["']/g;

export function djangoSettings(module: Syntax, source: string): Declarations | undefined {
  const assigned = assignmentsOf(module, source);
  const engines = new Set<EngineId>();
  const databases = assigned.get('DATABASES');
  if (databases !== undefined) {
    // The whole module: what DATABASES names may be put together above or below it.
    for (const [, name = ''] of source.matchAll(backend)) engines.add(/sqlite|spatialite/.test(name) ? 'sqlite' : 'postgres');
  }
  const user = stringOf(pythonValue(assigned.get('AUTH_USER_MODEL'), source));
  const apps = new Map<string, Span>();
  for (const name of ['INSTALLED_APPS', 'DJANGO_APPS']) {
    const node = assigned.get(name);
    for (const item of itemsOf(node === undefined ? undefined : pythonValue(node, source))) {
      const app = stringOf(item);
      if (app !== undefined) apps.set(app, item.span);
    }
  }
  const steps = [...apps].flatMap(([app, span]) => contributed(app, span, user));
  const aliases =
    user !== undefined
      ? [[userModel, user.toLowerCase()] as const]
      : apps.has('django.contrib.auth')
        ? [[userModel, 'auth.user'] as const]
        : [];
  if (engines.size === 0 && steps.length === 0 && aliases.length === 0) return undefined;
  return { tool: 'django', form: 'migration', engines: [...engines], steps, aliases };
}

function contributed(app: string, span: Span, user: string | undefined): SchemaStep[] {
  const integer: TypeText = ['integer', 'integer'];
  const id = (): ColumnSpec => ({ name: 'id', type: integer, notNull: true, primaryKey: true, autoIncrement: true, span });
  const column = (name: string, type: TypeText, more: Partial<ColumnSpec> = {}): ColumnSpec => ({
    name,
    type,
    notNull: true,
    patternIndex: true,
    span,
    ...more,
  });
  const text = (name: string, length: number, more: Partial<ColumnSpec> = {}): ColumnSpec =>
    column(name, [`varchar(${length})`, `varchar(${length})`], more);
  const reference = (name: string, symbol: string, more: Partial<ColumnSpec> = {}): ColumnSpec => ({
    name,
    type: 'referenced',
    notNull: true,
    indexed: true,
    patternIndex: true,
    references: { table: { symbol } },
    span,
    ...more,
  });
  const time = (name: string, more: Partial<ColumnSpec> = {}): ColumnSpec => column(name, ['timestamp with time zone', 'datetime'], more);
  const flag = (name: string): ColumnSpec => column(name, ['boolean', 'bool']);
  const table = (
    name: string,
    symbol: string,
    columns: readonly ColumnSpec[],
    unique: readonly (readonly string[])[] = [],
  ): SchemaStep => ({
    kind: 'create table',
    table: { name },
    symbol,
    columns,
    constraints: unique.map((group) => ({ kind: 'unique', columns: group, span })),
    indexes: [],
    span,
  });
  const pair = (name: string, from: ColumnSpec, to: ColumnSpec): SchemaStep => table(name, name, [id(), from, to], [[from.name, to.name]]);
  switch (app) {
    case 'django.contrib.contenttypes':
      return [
        table(
          'django_content_type',
          'contenttypes.contenttype',
          [id(), text('app_label', 100), text('model', 100)],
          [['app_label', 'model']],
        ),
      ];
    case 'django.contrib.auth':
      return [
        table(
          'auth_permission',
          'auth.permission',
          [id(), text('name', 255), reference('content_type_id', 'contenttypes.contenttype'), text('codename', 100)],
          [['content_type_id', 'codename']],
        ),
        table('auth_group', 'auth.group', [id(), text('name', 150, { unique: true })]),
        pair('auth_group_permissions', reference('group_id', 'auth.group'), reference('permission_id', 'auth.permission')),
        ...(user !== undefined && user.toLowerCase() !== 'auth.user'
          ? []
          : [
              table('auth_user', 'auth.user', [
                id(),
                text('password', 128),
                time('last_login', { notNull: false }),
                flag('is_superuser'),
                text('username', 150, { unique: true }),
                text('first_name', 150),
                text('last_name', 150),
                text('email', 254),
                flag('is_staff'),
                flag('is_active'),
                time('date_joined'),
              ]),
              pair('auth_user_groups', reference('user_id', 'auth.user'), reference('group_id', 'auth.group')),
              pair('auth_user_user_permissions', reference('user_id', 'auth.user'), reference('permission_id', 'auth.permission')),
            ]),
      ];
    case 'django.contrib.sessions':
      return [
        table('django_session', 'sessions.session', [
          text('session_key', 40, { primaryKey: true }),
          column('session_data', ['text', 'text']),
          time('expire_date', { indexed: true }),
        ]),
      ];
    case 'django.contrib.sites':
      return [table('django_site', 'sites.site', [id(), text('domain', 100, { unique: true }), text('name', 50)])];
    case 'django.contrib.admin':
      return [
        table('django_admin_log', 'admin.logentry', [
          id(),
          time('action_time'),
          column('object_id', ['text', 'text'], { notNull: false, patternIndex: false }),
          text('object_repr', 200),
          column('action_flag', ['smallint', 'smallint unsigned']),
          column('change_message', ['text', 'text']),
          reference('content_type_id', 'contenttypes.contenttype', { notNull: false }),
          reference('user_id', userModel),
        ]),
      ];
    default:
      return [];
  }
}
