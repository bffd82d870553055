type Optional<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];
type Present<T> = Omit<T, Optional<T>> & { [K in Optional<T>]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined: in a record an absent field is absent. */
export function present<T extends object>(fields: T): Present<T>;
export function present(fields: Readonly<Record<string, unknown>>): object {
  const kept: Record<string, unknown> = {};
  // A plain loop: this runs several times for each record.
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name];
  return kept;
}

/** The object if it holds anything. */
export function filled<T extends object>(value: T): T | undefined {
  for (const name in value) if (value[name] !== undefined) return value;
  return undefined;
}
