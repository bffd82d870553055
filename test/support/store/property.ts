import fc from 'fast-check';
import type { Test } from 'tap';

import type { CheckpointStore, Lease } from '../../../agent/checkpoint/store.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { Bench } from './bench.ts';
import { finishedOf, inspected, keyOf, positionOf, specOf, stateOf } from './rows.ts';

const OWNERS = 5;
const SOURCES = 4;
const RUNS = 40;

type Step =
  | { readonly kind: 'claim'; readonly owner: number; readonly max: number; readonly leaseMs: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | {
      readonly kind: 'commit';
      readonly owner: number;
      readonly pick: number;
      readonly keep: boolean;
      readonly ms: number;
    }
  | { readonly kind: 'extend'; readonly owner: number; readonly pick: number; readonly ms: number }
  | { readonly kind: 'wake'; readonly source: number }
  | { readonly kind: 'sync'; readonly sources: readonly number[] };

const owner = fc.nat(OWNERS - 1);
const pick = fc.nat(9);
const ms = fc.nat(30_000);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      owner,
      max: fc.integer({ min: 1, max: SOURCES + 1 }),
      leaseMs: fc.integer({ min: 1_000, max: 30_000 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('commit' as const), owner, pick, keep: fc.boolean(), ms }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('extend' as const), owner, pick, ms }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wake' as const), source: fc.nat(SOURCES - 1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('sync' as const),
      sources: fc.uniqueArray(fc.nat(SOURCES - 1), { minLength: 1 }),
    }),
  },
);

/** What must be true of one source, kept beside the store. */
interface Expected {
  /** Whoever holds this one, and nobody else, may write; undefined: nobody may. */
  current: Lease | undefined;
  highestFence: bigint;
  enabled: boolean;
  leased: boolean;
  woken: boolean;
  /** End of the lease, or next poll. */
  dueAt: number;
  lastValue: number | undefined;
  mask: bigint;
}

/** Any history of owners that claim, pause, wake up late and commit leaves one accepted owner per fence. */
export function storeProperty(t: Test, bench: Bench): void {
  t.test('whatever five owners do, only the last to claim a source writes it', async (t) => {
    const { clock, open } = bench(t);
    const stores = await Promise.all(Array.from({ length: OWNERS }, open));
    let run = 0;

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), async (steps) => {
        run += 1;
        const history = new History(stores, clock, `run${run}-`);
        await history.play({ kind: 'sync', sources: [...Array(SOURCES).keys()] });
        for (const each of steps) await history.play(each);
        await history.compareAll();
      }),
      { numRuns: RUNS },
    );

    t.equal(run >= RUNS, true);
  });
}

class History {
  readonly #stores: readonly CheckpointStore[];
  readonly #clock: VirtualClock;
  readonly #prefix: string;
  readonly #expected = new Map<string, Expected>();
  /** Every lease that an owner ever got: a paused owner does not know that it lost one. */
  readonly #held: Lease[][] = Array.from({ length: OWNERS }, () => []);
  #value = 0;

  constructor(stores: readonly CheckpointStore[], clock: VirtualClock, prefix: string) {
    this.#stores = stores;
    this.#clock = clock;
    this.#prefix = prefix;
  }

  async play(played: Step): Promise<void> {
    switch (played.kind) {
      case 'advance':
        return await this.#clock.advance(played.ms);
      case 'sync':
        return await this.#sync(played.sources);
      case 'wake':
        return await this.#wake(this.#name(played.source));
      case 'claim':
        return await this.#claim(played);
      case 'extend':
        return await this.#extend(played);
      case 'commit':
        return await this.#commit(played);
    }
  }

  async compareAll(): Promise<void> {
    const statuses = await inspected(this.#store(0));
    for (const [source, { lastValue, mask, enabled }] of this.#expected) {
      const status = statuses.find(({ spec }) => spec.source === source);
      same('enabled', status?.enabled, enabled);
      same('state', status?.saved?.state.highWater, lastValue);
      same('position', status?.saved?.positions[0]?.floor, lastValue);
      await this.#compareMask(source, mask);
    }
  }

  async #compareMask(source: string, mask: bigint): Promise<void> {
    const lease = this.#held.flat().find((each) => each.source === source);
    if (lease) same('mask', (await this.#store(0).finished(lease, [keyOf('1')]))[0], mask);
  }

  async #sync(sources: readonly number[]): Promise<void> {
    const names = new Set(sources.map((source) => this.#name(source)));
    await this.#store(0).sync([...names].map(specOf));
    for (const name of names) this.#enable(name);
    for (const [name, expected] of this.#expected) {
      if (!names.has(name)) Object.assign(expected, { enabled: false, current: undefined, leased: false });
    }
  }

  #enable(name: string): void {
    const known = this.#expected.get(name);
    if (known?.enabled) return;
    const due = { enabled: true, current: undefined, leased: false, woken: false, dueAt: this.#clock.now() };
    this.#expected.set(name, { highestFence: 0n, lastValue: undefined, mask: 0n, ...known, ...due });
  }

  async #wake(source: string): Promise<void> {
    await this.#store(0).wake([source]);
    const expected = this.#expect(source);
    if (!expected.enabled) return;
    expected.woken = true;
    if (!expected.leased) expected.dueAt = Math.min(expected.dueAt, this.#clock.now());
  }

  async #claim(played: Extract<Step, { kind: 'claim' }>): Promise<void> {
    const due = [...this.#expected.values()].filter(
      (each) => each.enabled && each.dueAt <= this.#clock.now(),
    );
    const leases = await this.#store(played.owner).claim(`owner${played.owner}`, played.max, played.leaseMs);
    same('number of leases', leases.length, Math.min(due.length, played.max));
    for (const lease of leases) {
      const expected = this.#expect(lease.source);
      same('due', due.includes(expected), true);
      same('higher fence', lease.fence > expected.highestFence, true);
      const dueAt = this.#clock.now() + played.leaseMs;
      const taken = { current: lease, highestFence: lease.fence, leased: true, woken: false, dueAt };
      Object.assign(expected, taken);
      this.#held[played.owner]?.push(lease);
    }
  }

  async #extend({ owner: by, pick: index, ms: leaseMs }: Extract<Step, { kind: 'extend' }>): Promise<void> {
    const lease = this.#pick(by, index);
    if (!lease || !this.#isHeld(lease)) return;
    const expected = this.#expect(lease.source);
    const [result] = await this.#store(by).extend([lease], leaseMs);
    same('extension', result, expected.current === lease ? 'ok' : 'fenced');
    if (result === 'ok') expected.dueAt = this.#clock.now() + leaseMs;
  }

  async #commit({
    owner: by,
    pick: index,
    keep,
    ms: forMs,
  }: Extract<Step, { kind: 'commit' }>): Promise<void> {
    const lease = this.#pick(by, index);
    if (!lease || !this.#isHeld(lease)) return;
    const { source } = lease;
    this.#value += 1;
    const bit = 1n << BigInt(this.#value % 63);
    const [result] = await this.#store(by).commit([
      {
        lease,
        changes: [
          { kind: 'state', state: stateOf(source, this.#value) },
          { kind: 'position', position: positionOf(source, 'siem', this.#value) },
          finishedOf(source, 1, bit),
        ],
        after: keep ? { kind: 'keep', leaseMs: forMs } : { kind: 'release', nextPollMs: forMs },
      },
    ]);
    const expected = this.#expect(source);
    same('commit', result, expected.current === lease ? 'ok' : 'fenced');
    if (result === 'fenced') return;
    expected.lastValue = this.#value;
    expected.mask |= bit;
    this.#move(expected, keep, forMs);
  }

  #move(expected: Expected, keep: boolean, forMs: number): void {
    expected.dueAt = this.#clock.now() + (expected.woken && !keep ? 0 : forMs);
    if (keep) return;
    expected.leased = false;
    expected.woken = false;
  }

  /** An owner uses a lease that it has released no more; one that it has lost, it may. */
  #isHeld(lease: Lease): boolean {
    const expected = this.#expect(lease.source);
    return expected.current !== lease || expected.leased;
  }

  #pick(by: number, index: number): Lease | undefined {
    const held = this.#held[by] ?? [];
    return held[index % Math.max(1, held.length)];
  }

  #expect(source: string): Expected {
    const expected = this.#expected.get(source);
    if (!expected) throw new Error(`${source} should not be known`);
    return expected;
  }

  #store(index: number): CheckpointStore {
    const store = this.#stores[index];
    if (!store) throw new Error(`there is no store ${index}`);
    return store;
  }

  #name(source: number): string {
    return `${this.#prefix}${source}`;
  }
}

function same(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`${what}: found ${String(found)}, expected ${String(wanted)}`);
}
