import t, { type Test } from 'tap';

/** AWS sorts the events of a read by time; others sort them by stream. */
const PAGE_ORDERS = ['sorted', 'unsorted'] as const;
export type PageOrder = (typeof PAGE_ORDERS)[number];

/** Plays it with pages of either order. */
export function scenario(name: string, play: (t: Test, pages: PageOrder) => Promise<void>): void {
  for (const pages of PAGE_ORDERS) t.test(`${name}, ${pages} pages`, (t) => play(t, pages));
}
