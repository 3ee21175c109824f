/** Which files of Python, JavaScript, TypeScript and Ruby declare a schema, told by a look at their text, and what they declare. */
import type { GrammarId, ReadContext, Source } from '../reader.ts';
import { copySyntax, type Grammar, type Syntax } from '../readers/host/syntax.ts';
import { alembicDeclarations } from './alembic.ts';
import type { Declarations } from './declaration.ts';
import { djangoMigration } from './django-migration.ts';
import { djangoModels } from './django-models.ts';
import { djangoSettings } from './django-settings.ts';
import { drizzleConfiguration, drizzleTables } from './drizzle.ts';
import { knexConfiguration, knexMigration } from './knex.ts';
import { typeormConfiguration, typeormEntities } from './typeorm-entity.ts';
import { typeormMigration } from './typeorm-migration.ts';

interface Tool {
  /** Every file is asked: words that only such a file has. */
  readonly isOne: (text: string, path: string) => boolean;
  readonly read: (module: Syntax, source: string, path: string) => Declarations | undefined;
}
const python: readonly Tool[] = [
  { isOne: (text) => text.includes('down_revision') && text.includes('def upgrade'), read: alembicDeclarations },
  { isOne: (text, path) => path.includes('/migrations/') && text.includes('Migration') && /\bdjango\b/.test(text), read: djangoMigration },
  { isOne: (text) => /^(?:DATABASES|INSTALLED_APPS|AUTH_USER_MODEL)\b/m.test(text), read: djangoSettings },
  { isOne: (text, path) => /\/models(?:\/[^/]+)?\.py$/.test(path) && /\bmodels\.Model\b/.test(text), read: djangoModels },
];
const script: readonly Tool[] = [
  { isOne: (text) => text.includes('queryRunner') && text.includes('MigrationInterface'), read: typeormMigration },
  {
    isOne: (text) => /@Entity\(|@(?:Primary|PrimaryGenerated|CreateDate|UpdateDate)?Column\(/.test(text) && /\btypeorm\b/.test(text),
    read: typeormEntities,
  },
  { isOne: (text) => /\b(?:pg|sqlite)Table(?:Creator)?\b|\bpgSchema\b/.test(text), read: drizzleTables },
  {
    isOne: (text, path) => /\/drizzle[\w.-]*\.config\.[cm]?[jt]s$/.test(path) && /\b(?:dialect|driver)\b/.test(text),
    read: drizzleConfiguration,
  },
  {
    isOne: (text) => /\bup\b/.test(text) && /\.schema\b|\.raw\s*\(/.test(text) && /\b(?:knex|createTable|alterTable)\b/i.test(text),
    read: knexMigration,
  },
  {
    isOne: (text, path) =>
      /\/\d{3,}[^/]*$/.test(path) &&
      /\bup\b/.test(text) &&
      /\b(?:create|alter|drop)\s+(?:table|(?:unique\s+)?index|type)\b|\bdb\s*\.\s*(?:create|add|remove|rename|drop|change)[A-Z]/i.test(
        text,
      ),
    read: knexMigration,
  },
  { isOne: (text, path) => /\/knexfile[\w.-]*\.[cm]?[jt]s$/.test(path) || /\bknex\s*\(\s*\{/.test(text), read: knexConfiguration },
  { isOne: (text) => /\bnew\s+DataSource\s*\(|\bDataSourceOptions\b|\bTypeOrmModule\.forRoot/.test(text), read: typeormConfiguration },
];
const tools: Readonly<Partial<Record<GrammarId, readonly Tool[]>>> = {
  python,
  javascript: script,
  typescript: script,
  tsx: script,
};

const whole: Grammar = { blocks: new Set(), attributes: new Set(), whole: new Set() };

/**
 * Undefined for nearly every file. What the other ones declare is read when somebody needs the schema, not with every
 * keystroke. Never throws; a tree with errors gives what can be told.
 */
export function declaring(source: Source, grammar: GrammarId, context: ReadContext): (() => Declarations | undefined) | undefined {
  // A fence in a guide declares nothing.
  if (!/\.(?:pyi?|[cm]?[jt]sx?)$/.test(source.path)) return undefined;
  const asked = tools[grammar]?.filter(({ isOne }) => isOne(source.text, source.path)) ?? [];
  if (asked.length === 0) return undefined;
  let read: { readonly found: Declarations | undefined } | undefined;
  return () => {
    read ??= { found: declarationsIn(asked, source, grammar, context) };
    return read.found;
  };
}

function declarationsIn(
  asked: readonly Tool[],
  { text, path }: Source,
  grammar: GrammarId,
  context: ReadContext,
): Declarations | undefined {
  const root = context.syntax(grammar, text, path);
  if (root === undefined) return undefined;
  const cursor = root.walk();
  try {
    const module = copySyntax(cursor, root.tree.language, whole, 0, 1, undefined).children[0];
    if (module === undefined) return undefined;
    for (const tool of asked) {
      const found = tool.read(module, text, path);
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    cursor.delete();
  }
}
