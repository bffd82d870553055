/** Results in the order of the items; at most `limit` of them are under way at once. */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();

  async function worker(): Promise<void> {
    for (const [at, item] of queue) results.set(at, await work(item));
  }

  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}
