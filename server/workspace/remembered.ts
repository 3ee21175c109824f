/** Answers that are asked for again: one question in flight for all who ask, the settled ones at hand without waiting. */

export interface Remembered<Value> {
  /** The answer for the key, asked for where it is not known. A failure is not remembered. */
  get(key: string, ask: () => Promise<Value>): Promise<Value>;
  /** The answer where it is there already. */
  peek(key: string): Value | undefined;
  clear(): void;
}

/** The least recently used answers go first; answers older than `milliseconds` are asked for anew. */
export function createRemembered<Value>(largest: number, milliseconds = Number.POSITIVE_INFINITY): Remembered<Value> {
  const entries = new Map<string, { readonly promise: Promise<Value>; readonly at: number; value?: { readonly known: Value } }>();
  const fresh = (key: string) => {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    if (performance.now() - entry.at <= milliseconds) return entry;
    entries.delete(key);
    return undefined;
  };
  return {
    get(key, ask) {
      const known = fresh(key);
      if (known !== undefined) {
        entries.delete(key);
        entries.set(key, known);
        return known.promise;
      }
      const promise = ask();
      const entry: { promise: Promise<Value>; at: number; value?: { readonly known: Value } } = { promise, at: performance.now() };
      entries.set(key, entry);
      promise.then(
        (value) => {
          entry.value = { known: value };
        },
        () => {
          if (entries.get(key) === entry) entries.delete(key);
        },
      );
      for (const oldest of entries.keys()) {
        if (entries.size <= largest) break;
        entries.delete(oldest);
      }
      return promise;
    },
    peek: (key) => fresh(key)?.value?.known,
    clear: () => entries.clear(),
  };
}
