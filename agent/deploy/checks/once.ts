/** Asks at the first call and gives everyone that answer. */
export function once<T>(ask: () => T): () => T {
  const each = onceEach(() => ask());
  return () => each(undefined);
}

/** The same for each key. */
export function onceEach<K, T>(ask: (key: K) => T): (key: K) => T {
  const answers = new Map<K, { readonly answer: T }>();
  return (key) => {
    const known = answers.get(key) ?? { answer: ask(key) };
    answers.set(key, known);
    return known.answer;
  };
}
