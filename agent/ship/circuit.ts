import type { Clock } from '../model/clock.ts';
import type { Outcome } from '../model/outcome.ts';
import { backoffMs } from './retry.ts';
import type { ShipperStatus } from './shipper.ts';

const REPROBE_MS = 60_000;

/**
 * Whether a destination takes records: `closed` (yes), `retrying` (after a wait), `blocked` (a person must act;
 * probed every minute), `half-open` (one batch at a time shows whether it does again).
 */
export interface Circuit {
  readonly state: ShipperStatus['circuit'];
  /** Grows with each failure: an answer to what was sent before says nothing about now. */
  readonly generation: number;
  /** When to try again, by the monotonic clock; undefined while closed or half-open. */
  readonly dueAt: number | undefined;
  readonly view: CircuitView;
  succeeded(generation: number): void;
  /** Retrying or blocked from now on. */
  failed(generation: number, failure: Failure): void;
  /** The probe failed: still blocked, whatever the reason is now. */
  stayBlocked(failure: Failure): void;
  halfOpen(): void;
  close(): void;
}

export type Failure = Extract<Outcome, { kind: 'retry' | 'blocked' }>;

type CircuitView = Pick<ShipperStatus, 'circuit' | 'since' | 'error' | 'blocked'>;

interface CircuitOptions {
  readonly clock: Clock;
  readonly random: () => number;
  onChange(): void;
}

export function createCircuit({ clock, random, onChange }: CircuitOptions): Circuit {
  let view: CircuitView = { circuit: 'closed' };
  let generation = 0;
  let failures = 0;
  let dueAt: number | undefined;

  function change(next: CircuitView, waitMs?: number): void {
    const changed = next.circuit !== view.circuit;
    view = next.circuit === 'closed' ? next : { since: view.since ?? clock.now(), ...next };
    dueAt = waitMs === undefined ? undefined : clock.monotonic() + waitMs;
    if (changed) onChange();
  }

  function close(): void {
    failures = 0;
    change({ circuit: 'closed' });
  }

  function retry({ why, afterMs = 0 }: Extract<Failure, { kind: 'retry' }>): void {
    failures += 1;
    change({ circuit: 'retrying', error: why }, Math.max(afterMs, backoffMs(failures, random)));
  }

  function block({ why, detail }: Extract<Failure, { kind: 'blocked' }>): void {
    change({ circuit: 'blocked', error: detail, blocked: { why, detail } }, REPROBE_MS);
  }

  return {
    get state() {
      return view.circuit;
    },
    get generation() {
      return generation;
    },
    get dueAt() {
      return dueAt;
    },
    get view() {
      return view;
    },
    succeeded(sentIn) {
      if (sentIn === generation && view.circuit !== 'closed') close();
    },
    failed(sentIn, failure) {
      if (sentIn !== generation) return;
      generation += 1;
      if (failure.kind === 'blocked') block(failure);
      else retry(failure);
    },
    stayBlocked(failure) {
      if (failure.kind === 'blocked') block(failure);
      else change({ ...view, error: failure.why }, REPROBE_MS);
    },
    halfOpen() {
      change({ ...view, circuit: 'half-open' });
    },
    close,
  };
}

/** No record was taken since one was refused: then it is the destination that a person must look at. */
export function refusesAll(why: string): Failure {
  return { kind: 'blocked', why: 'config', detail: `${why}; no record was taken since` };
}
