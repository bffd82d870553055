const BASE_MS = 500;
const CAP_MS = 60_000;

/** Full jitter over an exponential: the wait before the next try after this many failures in a row. */
export function backoffMs(failures: number, random: () => number): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1));
}
