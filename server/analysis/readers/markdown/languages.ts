/** Which reader a fence belongs to: its info string, and for configuration what stands in it. */
import { postgresSetting, removedSettings } from '../../catalogues/postgres.ts';
import type { LanguageId } from '../../document.ts';
import type { Dialect } from '../../sql/statement.ts';

const languages: Readonly<Record<string, LanguageId>> = {
  py: 'python',
  python: 'python',
  python3: 'python',
  ts: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  typescript: 'typescript',
  tsx: 'typescriptreact',
  typescriptreact: 'typescriptreact',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  node: 'javascript',
  javascript: 'javascript',
  jsx: 'javascriptreact',
  javascriptreact: 'javascriptreact',
  go: 'go',
  golang: 'go',
  rs: 'rust',
  rust: 'rust',
  sql: 'sql',
  postgresql: 'sql',
  postgres: 'sql',
  pgsql: 'sql',
  plpgsql: 'sql',
  psql: 'sql',
  sqlite: 'sql',
  sqlite3: 'sql',
  'postgresql.conf': 'postgresql-conf',
};
const dialects: Readonly<Record<string, Dialect>> = {
  postgresql: 'postgres',
  postgres: 'postgres',
  pgsql: 'postgres',
  plpgsql: 'postgres',
  psql: 'postgres',
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
};
/** Words people put on configuration whose own name no highlighter knows. */
const configuration = new Set([
  '',
  'ini',
  'conf',
  'config',
  'cfg',
  'properties',
  'text',
  'txt',
  'plaintext',
  'bash',
  'sh',
  'shell',
  'yaml',
  'toml',
  'sql',
  'postgresql',
  'postgres',
]);

export interface FenceLanguage {
  readonly language: LanguageId;
  readonly dialect?: Dialect | undefined;
}

export function fenceLanguage(info: string, body: string): FenceLanguage | undefined {
  const word = /^[{.\s]*([^\s{}:,;]*)/.exec(info)?.[1]?.toLowerCase() ?? '';
  if (configuration.has(word) && isPostgresConf(body)) return { language: 'postgresql-conf' };
  const language = Object.hasOwn(languages, word) ? languages[word] : undefined;
  return language === undefined ? undefined : { language, dialect: Object.hasOwn(dialects, word) ? dialects[word] : undefined };
}

/** Names that other programs' configuration has too: they alone prove nothing. */
const common = new Set(['port', 'ssl', 'role', 'max_connections', 'log_directory', 'log_filename', 'timezone', 'include', 'event_source']);

/**
 * Whether a fence holds lines of a postgresql.conf. It must say so in its first comment and set
 * something the server knows, or set at least two things only PostgreSQL knows; and every line must
 * have the form of a setting: one SQL statement, one shell command, one `[section]` make it something else.
 * Comments may have SQL's sign: that mistake is what a rule reports.
 */
export function isPostgresConf(body: string): boolean {
  if (body.length > 200_000) return false;
  let named = false;
  let known = 0;
  let telling = 0;
  let unknown = 0;
  let first = true;
  for (const raw of body.split('\n')) {
    const line = raw.trim();
    if (line === '') continue;
    if (/^(?:#|--|\/\/|;)/.test(line)) {
      if (first && /\bpostgres(?:ql)?(?:\.auto)?\.conf\b/i.test(line)) named = true;
      first = false;
      continue;
    }
    first = false;
    const setting = /^([a-z_][\w.]*)\s*=\s*(?!=)\S/i.exec(line);
    const name = setting?.[1]?.toLowerCase();
    if (name === undefined || (/;\s*$/.test(line) && !named)) return false;
    if (postgresSetting(name) === undefined && !Object.hasOwn(removedSettings, name)) unknown++;
    else {
      known++;
      if (!common.has(name)) telling++;
    }
  }
  return named ? known > 0 : telling >= 2 && known >= unknown * 2;
}
