/** What is known of these, each once; a list without entries is absent. */
export function distinct(values: Iterable<string | undefined>): readonly string[] | undefined {
  const known = new Set<string>();
  for (const value of values) if (value !== undefined && value !== '') known.add(value);
  return known.size > 0 ? [...known] : undefined;
}
