// JSON.stringify leaves out what is undefined, so that an absent attribute costs nothing. What would be an
// empty object or list, or a fraction in an integer, has to be undefined.

export function filledList<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

export function integer(value: number | undefined): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

export function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}
