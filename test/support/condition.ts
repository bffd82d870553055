/** Something that changes, and those who wait for it to become so. */
export interface Condition {
  /** Looks whether what anybody waits for holds now. */
  changed(): void;
  /** Resolves when this holds. */
  until(holds: () => boolean): Promise<void>;
}

export function createCondition(): Condition {
  const watchers = new Set<() => void>();
  return {
    changed() {
      for (const look of [...watchers]) look();
    },
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}
