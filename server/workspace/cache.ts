/** Pure results by text, so that an edit recomputes only what it touched. */

/** Counts UTF-16 units of the texts it holds; the least recently used results go first. */
export interface Cache {
  remember<T>(kind: string, text: string, compute: () => T): T;
  clear(): void;
}

/** Texts beyond a quarter of `largest` are computed and not kept: one dump would push everything else out. */
export function createCache(largest = 4_000_000): Cache {
  const entries = new Map<string, { readonly value: unknown; readonly size: number }>();
  let total = 0;
  return {
    remember<T>(kind: string, text: string, compute: () => T): T {
      const key = `${kind}\u0000${text}`;
      const found = entries.get(key);
      if (found !== undefined) {
        // Re-inserted, so that a Map's insertion order is the order of use.
        entries.delete(key);
        entries.set(key, found);
        return found.value as T;
      }
      const value = compute();
      const size = key.length + 64;
      if (size * 4 > largest) return value;
      entries.set(key, { value, size });
      total += size;
      for (const [oldest, entry] of entries) {
        if (total <= largest) break;
        entries.delete(oldest);
        total -= entry.size;
      }
      return value;
    },
    clear() {
      entries.clear();
      total = 0;
    },
  };
}
