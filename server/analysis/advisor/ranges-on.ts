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

/** The statements whose text has both words: the others are not looked into. */
function* mentioning(
  words: readonly string[],
  documents: readonly Document[],
): Generator<{ readonly document: Document; readonly query: Query }> {
  for (const document of documents) {
    for (const query of document.queries) if (words.every((word) => query.sql.includes(word))) yield { document, query };
    yield* mentioning(words, document.parts);
  }
}

export function rangesOn(known: Table, [first, second]: readonly [string, string], documents: readonly Document[], schema: Schema): Asked {
  const both: Place[] = [];
  let pointed = false;
  for (const { document, query } of mentioning([known.name, first], documents)) {
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
