/** The connected databases as subjects of rules: how each is doing, and where the repository declares what it holds. */
import type { Document } from '../analysis/document.ts';
import type { Health } from '../analysis/health.ts';
import { emptyDocument } from '../analysis/reader.ts';
import type { Subjects } from '../analysis/rule.ts';
import type { Place } from '../analysis/span.ts';
import type { Schema } from '../analysis/sql/schema.ts';
import type { Connections } from './connections.ts';
import { queriesOf } from './relations.ts';

type Database = Subjects['database'];

export interface LiveDatabases {
  /** `ask`: whether they may be asked; otherwise those whose answer is known. `complete` is false where one has still to be asked. */
  of(ask: boolean): Promise<{ readonly databases: readonly Database[]; readonly complete: boolean }>;
}

export function createLiveDatabases(
  connections: Connections,
  repository: () => { readonly documents: readonly Document[]; schemas(engine: Health['engine']): readonly Schema[] },
  told: (label: string, reason: string) => void,
): LiveDatabases {
  const known = new WeakMap<Health, { readonly documents: readonly Document[]; readonly database: Database }>();
  return {
    async of(ask) {
      const databases: Database[] = [];
      let complete = true;
      for (const live of connections.all) {
        if (live.lost !== undefined) continue;
        let health: Health | undefined;
        try {
          health = ask ? await live.health() : live.knownHealth();
        } catch (error) {
          live.failed(error);
          continue;
        }
        if (health === undefined) {
          complete = false;
          continue;
        }
        const { documents, schemas } = repository();
        let entry = known.get(health);
        if (entry?.documents !== documents) {
          const { label } = live.connection;
          for (const reason of health.missing) told(label, reason);
          const declared = declaredFor(health, schemas(health.engine), documents);
          const document = emptyDocument({ path: label, language: 'database', text: '' }, [0]);
          entry = { documents, database: { document, health, source: label, ...(declared !== undefined && { declared }) } };
          known.set(health, entry);
        }
        databases.push(entry.database);
      }
      return { databases, complete };
    },
  };
}

/** The project that most of the database's tables are from; an index is marked at its name and not over its whole statement. */
function declaredFor({ tables, indexes }: Health, schemas: readonly Schema[], documents: readonly Document[]): Schema | undefined {
  const names = new Set([...tables.map(({ name }) => name.toLowerCase()), ...indexes.map(({ table }) => table.toLowerCase())]);
  let best: Schema | undefined;
  let most = 0;
  for (const schema of schemas) {
    const shared = schema.tables.filter(({ name, declared }) => declared !== undefined && names.has(name.toLowerCase())).length;
    if (shared > most) {
      most = shared;
      best = schema;
    }
  }
  if (best === undefined) return undefined;
  const spots = indexNames(documents);
  const indexesWithNames = best.indexes.map((index) => {
    const place = index.declared;
    const spot = place && spots.get(`${place.path}\u0000${place.span.start}`);
    return spot === undefined ? index : { ...index, declared: spot };
  });
  return { ...best, indexes: indexesWithNames };
}

/** The names in CREATE INDEX, by where their statements begin. */
function indexNames(documents: readonly Document[]): ReadonlyMap<string, Place> {
  const spots = new Map<string, Place>();
  for (const document of documents) for (const [key, place] of namesIn(document)) spots.set(key, place);
  return spots;
}

/** A document is looked through once: the list of all of them is a new one after each keystroke. */
const namesOf = new WeakMap<Document, readonly (readonly [key: string, Place])[]>();
function namesIn(document: Document): readonly (readonly [key: string, Place])[] {
  let names = namesOf.get(document);
  if (names === undefined) {
    const { path } = document;
    names = queriesOf(document).flatMap((query) => {
      if (!/^\s*CREATE\s+(?:UNIQUE\s+)?INDEX\b/i.test(query.sql)) return [];
      const { statement } = query;
      if (statement.kind !== 'create index' || statement.name === undefined) return [];
      return [[`${path}\u0000${statement.span.start}`, { path, span: statement.name.span }] as const];
    });
    namesOf.set(document, names);
  }
  return names;
}
