/** Additive increase, multiplicative decrease of the requests that may be open at once. */
export interface ConcurrencyLimit {
  readonly current: number;
  /** A request begins; hand the ticket back with its answer. */
  start(): number;
  succeeded(): void;
  /** Halves, but only once for all the requests that were open together. */
  throttled(ticket: number): void;
}

export function createConcurrencyLimit(max: number): ConcurrencyLimit {
  let limit = 1;
  let tickets = 0;
  let halvedAt = 0;
  return {
    get current() {
      return Math.floor(limit);
    },
    start() {
      tickets += 1;
      return tickets;
    },
    succeeded() {
      limit = Math.min(max, limit + 1 / limit);
    },
    throttled(ticket) {
      if (ticket <= halvedAt) return;
      halvedAt = tickets;
      limit = Math.max(1, limit / 2);
    },
  };
}
