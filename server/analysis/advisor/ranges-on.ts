/** How the statements of the workspace ask for two columns of a table. */
import type { Document, Query } from '../document.ts';
import type { Place } from '../span.ts';
import type { Schema, Table } from '../sql/schema.ts';
import { scopesOf } from '../sql/scopes.ts';
import { predicatesOn } from './predicates.ts';
import { orderKeys } from './wanted.ts';

export interface Asked {
  /** Statements that ask for a range of each. */
  readonly both: readonly Place[];
  /** Some statement asks for one value of the first, or wants the rows in its order: then the second is of use. */
  readonly pointed: boolean;
}

interface Reader {
  readonly document: Document;
  readonly query: Query;
}
/** Lower-case table -> the statements that read it. Made once for a workspace: every index asks. */
const readers = new WeakMap<readonly Document[], ReadonlyMap<string, readonly Reader[]>>();

function readersIn(documents: readonly Document[]): ReadonlyMap<string, readonly Reader[]> {
  let found = readers.get(documents);
  if (found !== undefined) return found;
  const all = new Map<string, Reader[]>();
  const visit = (document: Document): void => {
    for (const query of document.queries) {
      const names = new Set(scopesOf(query.statement).flatMap((scope) => scope.tables.flatMap((table) => table.name?.toLowerCase() ?? [])));
      for (const name of names) {
        const list = all.get(name);
        if (list === undefined) all.set(name, [{ document, query }]);
        else list.push({ document, query });
      }
    }
    for (const part of document.parts) visit(part);
  };
  for (const document of documents) visit(document);
  found = all;
  readers.set(documents, found);
  return found;
}

export function rangesOn(known: Table, [first, second]: readonly [string, string], documents: readonly Document[], schema: Schema): Asked {
  const both: Place[] = [];
  let pointed = false;
  for (const { document, query } of readersIn(documents).get(known.name.toLowerCase()) ?? []) {
    for (const scope of scopesOf(query.statement)) {
      for (const table of scope.tables) {
        if (table.name?.toLowerCase() !== known.name.toLowerCase() || table.common !== undefined) continue;
        const about = { scope, table, known, schema };
        const { predicates } = predicatesOn(scope, table, known, schema);
        const asks = (column: string, kind: string) => predicates.some((each) => each.key.column === column && each.kind === kind);
        if (asks(first, 'equal') || orderKeys(scope, about)[0]?.column === first) pointed = true;
        if (asks(first, 'range') && asks(second, 'range')) both.push({ path: document.path, span: query.span });
      }
    }
  }
  return { both, pointed };
}
