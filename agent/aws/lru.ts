/** A bounded map that makes what is missing and forgets what was not asked for the longest. */
export interface Lru<V> {
  get(key: string, make: () => V): V;
}

export function createLru<V>(maxEntries: number): Lru<V> {
  const entries = new Map<string, { readonly value: V }>();

  return {
    get(key, make) {
      const entry = entries.get(key) ?? { value: make() };
      entries.delete(key);
      entries.set(key, entry);
      const oldest = entries.keys().next();
      if (entries.size > maxEntries && !oldest.done) entries.delete(oldest.value);
      return entry.value;
    },
  };
}
