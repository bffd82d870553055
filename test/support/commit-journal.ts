import { Buffer } from 'node:buffer';

import type { CheckpointStore, CommitItem } from '../../agent/checkpoint/store.ts';
import type { Change, Position } from '../../agent/model/position.ts';

/** What stores were told, over all the lives of an agent. */
export interface CommitJournal {
  /** How often a destination was split off from the shared polls. */
  readonly splits: number;
  /** Whether the source ever counted as dense. */
  readonly wasDense: boolean;
  /** Whether complete sweeps ever stood for ids. */
  readonly wasProved: boolean;
  hasFinished(key: Uint8Array, bit: number): boolean;
  /** The same store, but now and then its answer is lost. */
  observe(store: CheckpointStore): CheckpointStore;
}

/** `onGeneration`: the store was told to forget what was finished, because the log group is another one. */
export function createCommitJournal(random: () => number, onGeneration: () => void): CommitJournal {
  const finished = new Map<string, bigint>();
  const modes = new Map<string, Position['mode']>();
  let splits = 0;
  let wasDense = false;
  let wasProved = false;

  function note(change: Change): void {
    if (change.kind === 'state') wasDense ||= change.state.dense === true;
    if (change.kind === 'proved') wasProved = true;
    if (change.kind === 'generation') forget();
    if (change.kind === 'position') notePosition(change.position);
    if (change.kind === 'finished') noteFinished(nameOf(change.key), change.mask);
  }

  function forget(): void {
    finished.clear();
    onGeneration();
  }

  function noteFinished(name: string, mask: bigint): void {
    finished.set(name, (finished.get(name) ?? 0n) | mask);
  }

  function notePosition({ destination, mode }: Position): void {
    if (mode === 'behind' && modes.get(destination) !== 'behind') splits += 1;
    modes.set(destination, mode);
  }

  return {
    get splits() {
      return splits;
    },
    get wasDense() {
      return wasDense;
    },
    get wasProved() {
      return wasProved;
    },
    hasFinished(key, bit) {
      return Boolean((finished.get(nameOf(key)) ?? 0n) & (1n << BigInt(bit)));
    },
    observe: (store) => ({
      ...store,
      async commit(items: readonly CommitItem[]) {
        const results = await store.commit(items);
        for (const [index, { changes }] of items.entries())
          if (results[index] === 'ok') [...changes].forEach(note);
        if (random() < 0.02) throw new Error('the answer of the store was lost');
        return results;
      },
    }),
  };
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key).toString('latin1');
}
