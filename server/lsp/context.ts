/**
 * What an open document means to the others. The project tells what changed on disk; this is about
 * texts that the editor holds: a table that is being written, a migration just saved.
 */
import type { Document } from '../analysis/document.ts';
import { logged } from './guard.ts';
import type { Session } from './session.ts';

/** Others are looked at again when the keys rest this long, in milliseconds: they are not what the person looks at. */
const rest = 600;

export interface Context {
  /** A document was opened; one that nobody had read before may be a file just created. */
  opened(path: string): void;
  /** The text of an open document changed, or it was closed. */
  edited(path: string): void;
  /** Files were written; those that are open the project already knew, so it does not report them. */
  saved(paths: readonly string[]): void;
  dispose(): void;
}

export function createContext(session: Session, changed: () => void): Context {
  let timer: NodeJS.Timeout | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, rest);
  };
  return {
    opened(path) {
      if (session.project.document(path) !== undefined) return;
      logged(session.connection, 'opened', async () => {
        const read = await session.project.check(path, 'text');
        if (read !== undefined && buildsSchema(read.document)) later();
      })();
    },
    edited(path) {
      const document = session.project.document(path);
      if (document !== undefined && buildsSchema(document)) later();
    },
    saved(paths) {
      if (paths.some((path) => session.documents.has(path))) later();
    },
    dispose: () => clearTimeout(timer),
  };
}

const shapes: ReadonlySet<string> = new Set(['create table', 'create index', 'create view', 'alter table', 'drop']);

function buildsSchema(document: Document): boolean {
  return document.queries.some(({ statement }) => shapes.has(statement.kind)) || document.parts.some(buildsSchema);
}
