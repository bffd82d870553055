/** Bytes that all destinations of the agent hold together, so that one customer cannot starve the others. */
export interface MemoryBudget {
  room(): number;
  take(bytes: number): void;
  give(bytes: number): void;
}

export function createMemoryBudget(maxBytes: number): MemoryBudget {
  let heldBytes = 0;
  return {
    room: () => maxBytes - heldBytes,
    take(bytes) {
      heldBytes += bytes;
    },
    give(bytes) {
      heldBytes -= bytes;
    },
  };
}
