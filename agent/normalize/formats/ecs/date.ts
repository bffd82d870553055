/** A time as Elasticsearch reads it without a mapping of its own. */
export function dateOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
