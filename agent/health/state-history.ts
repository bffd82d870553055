import { z } from 'zod';

import { SOURCE_STATES, type SourceState } from './states.ts';

/** The worst state of a source in each quarter of an hour of a day, the oldest first; undefined: not observed. */
export interface StateStrip {
  /** Epoch ms of the beginning of the first cell. */
  readonly from: number;
  readonly cells: readonly (SourceState | undefined)[];
}

/** How each source was in the last 24 hours: 96 bytes for each, and nothing else. */
export interface StateHistory {
  note(source: string, state: SourceState): void;
  strip(source: string): StateStrip;
  /** For the disk; sources that nobody has seen for a day are forgotten. */
  saved(): string;
}

const CELL_MS = 15 * 60_000;
const CELLS = 96;
const UNSEEN = 0;

const savedHistory = z.object({
  states: z.array(z.string()),
  sources: z.record(z.string(), z.object({ last: z.int(), cells: z.string() })),
});

interface Ring {
  /** Number of the newest cell, counted from the epoch. */
  last: number;
  /** By number of the cell modulo 96; 0: unseen, else 1 + place in the list of states. */
  readonly cells: Uint8Array;
}

/** `stored`: what `saved` gave before; anything else counts as nothing. */
export function createStateHistory(now: () => number, stored = ''): StateHistory {
  const rings = restored(stored);
  const current = (): number => Math.floor(now() / CELL_MS);

  function ringOf(source: string): Ring {
    const known = rings.get(source);
    if (known) return known;
    const ring = { last: current(), cells: new Uint8Array(CELLS) };
    rings.set(source, ring);
    return ring;
  }

  return {
    note(source, state) {
      const ring = ringOf(source);
      const cell = current();
      for (let passed = Math.max(ring.last + 1, cell - CELLS + 1); passed <= cell; passed += 1) {
        ring.cells[passed % CELLS] = UNSEEN;
      }
      // The clock was ahead: what it noted there is of no time that was.
      for (let ahead = cell + 1; ahead <= Math.min(ring.last, cell + CELLS); ahead += 1) {
        ring.cells[ahead % CELLS] = UNSEEN;
      }
      ring.last = cell;
      const known = ring.cells[cell % CELLS] || SOURCE_STATES.length;
      ring.cells[cell % CELLS] = Math.min(known, SOURCE_STATES.indexOf(state) + 1);
    },
    strip(source) {
      const ring = rings.get(source);
      const first = current() - CELLS + 1;
      const cells = Array.from({ length: CELLS }, (_, at) => stateIn(ring, first + at));
      return { from: first * CELL_MS, cells };
    },
    saved() {
      for (const [source, { last }] of rings) if (last <= current() - CELLS) rings.delete(source);
      const sources = [...rings].map(([source, { last, cells }]) => [
        source,
        { last, cells: Buffer.from(cells).toString('base64') },
      ]);
      return JSON.stringify({ states: SOURCE_STATES, sources: Object.fromEntries(sources) });
    },
  };
}

function stateIn(ring: Ring | undefined, cell: number): SourceState | undefined {
  if (!ring || cell > ring.last || cell <= ring.last - CELLS) return undefined;
  return SOURCE_STATES[(ring.cells[cell % CELLS] ?? UNSEEN) - 1];
}

/** Of a release with other states nothing is taken over: their places mean something else there. */
function restored(stored: string): Map<string, Ring> {
  const parsed = savedHistory.safeParse(jsonIn(stored));
  if (!parsed.success || parsed.data.states.join() !== SOURCE_STATES.join()) return new Map();
  const rings = Object.entries(parsed.data.sources).map(([source, { last, cells }]): [string, Ring] => [
    source,
    { last, cells: Uint8Array.from({ ...Buffer.from(cells, 'base64'), length: CELLS }) },
  ]);
  return new Map(rings);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
