/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** From 0 to 1, 1 excluded. */
  next(): number;
  /** A whole number from 0 to `end`, `end` excluded. */
  below(end: number): number;
  chance(share: number): boolean;
  pick<T>(values: readonly [T, ...T[]] | readonly T[]): T;
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function createRandom(seed: number): Random {
  const next = seededRandom(seed);

  function below(end: number): number {
    return Math.floor(next() * end);
  }

  return {
    next,
    below,
    chance: (share) => next() < share,
    pick(values) {
      const picked = values[below(values.length)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
  };
}
