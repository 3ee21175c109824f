/** What was worked out of a document or a statement, for as long as it is likely to be asked for again. */

/**
 * Values by key: of the `most` that were made last, and no longer than the key lives. A repository has thousands of
 * documents and statements; what is looked at together are few of them.
 */
export function createRecent<Key extends object, Value>(most: number, make: (key: Key) => Value): (key: Key) => Value {
  const values = new WeakMap<Key, { readonly value: Value }>();
  const made: WeakRef<Key>[] = [];
  let next = 0;
  return (key) => {
    let known = values.get(key);
    if (known === undefined) {
      known = { value: make(key) };
      values.set(key, known);
      const oldest = made[next]?.deref();
      if (oldest !== undefined && oldest !== key) values.delete(oldest);
      made[next] = new WeakRef(key);
      next = (next + 1) % most;
    }
    return known.value;
  };
}
