/** What was worked out of documents, for as long as it is likely to be asked for again. */
import type { Document } from '../document.ts';

/**
 * Values by document; of the `most` that were made last, and no longer than the document lives. A repository has thousands
 * of documents, and what one call leads to lies in few of them.
 */
export function createRecent<Value>(most: number, make: (document: Document) => Value): (document: Document) => Value {
  const values = new WeakMap<Document, { readonly value: Value }>();
  const made: WeakRef<Document>[] = [];
  let next = 0;
  return (document) => {
    let known = values.get(document);
    if (known === undefined) {
      known = { value: make(document) };
      values.set(document, known);
      const oldest = made[next]?.deref();
      if (oldest !== undefined && oldest !== document) values.delete(oldest);
      made[next] = new WeakRef(document);
      next = (next + 1) % most;
    }
    return known.value;
  };
}
