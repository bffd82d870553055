/** What the names begin with for which a configured name that ends in `*` stands; undefined: it is one group's name. */
export function logGroupPrefix(logGroup: string): string | undefined {
  return logGroup.endsWith('*') ? logGroup.slice(0, -1) : undefined;
}
