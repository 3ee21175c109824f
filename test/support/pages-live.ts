/** A real database for a section of a page: its SQL files are run in it, then the `live` fence, and TuneLens is connected to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { AnyRule, Subjects } from '../../server/analysis/rule.ts';
import { splitScript } from '../../server/analysis/sql/split.ts';
import { type Server, startEmbedded } from '../engines/postgres-server.ts';
import type { Section } from './pages.ts';

export interface LiveDatabases {
  /** The URL to connect to. */
  open(section: Section): Promise<string>;
  close(): Promise<void>;
}

export function createLiveDatabases(): LiveDatabases {
  let server: Promise<Server> | undefined;
  let count = 0;
  const folder = mkdtempSync(join(tmpdir(), 'tunelens-pages-live-'));
  return {
    async open(section) {
      const scripts = [section.schema, ...section.files.filter(({ language }) => language === 'sql').map(({ text }) => text), section.live];
      const text = scripts.filter((script) => script !== undefined).join('\n');
      const name = `page_${++count}`;
      if (section.dialect === 'sqlite') {
        const path = join(folder, `${name}.db`);
        const database = new Database(path);
        database.exec(text);
        database.close();
        return `sqlite:${path}`;
      }
      server ??= startEmbedded();
      const started = await server;
      const first = await started.admin();
      await first.query(`CREATE DATABASE ${name}`);
      await first.end();
      const url = new URL(started.url);
      url.pathname = `/${name}`;
      const { Client } = await import('pg');
      const client = new Client({ connectionString: url.href });
      await client.connect();
      for (const { start, end } of splitScript(text, 'postgres')) {
        const sql = text.slice(start, end);
        try {
          if (sql.trim() !== '') await client.query(sql);
        } catch (error) {
          // An index that could not be built is what such a page is about.
          if (!/\bCONCURRENTLY\b/i.test(sql)) throw error;
        }
      }
      // What a session counted is told when it ends.
      await client.end();
      return url.href;
    },
    async close() {
      await (await server)?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The rule as if so many days had passed since the database was read. */
export function aged(rule: AnyRule, days: () => number): AnyRule {
  if (rule.on !== 'database') return rule;
  return {
    ...rule,
    *check(subject: Subjects['database'], facts: never) {
      const readAt = new Date(Date.parse(subject.health.readAt) + days() * 86_400_000).toISOString();
      yield* rule.check({ ...subject, health: { ...subject.health, readAt } }, facts);
    },
  };
}
