import t, { type Test } from 'tap';

import type { SealedBatch } from '../../agent/model/batch.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import type { Outcome } from '../../agent/model/outcome.ts';
import type { Sink } from '../../agent/model/sink.ts';
import type { Quarantine, QuarantineEntry } from '../../agent/ship/quarantine.ts';
import { createShipper } from '../../agent/ship/shipper.ts';
import { recordNamed } from './ship-records.ts';

/**
 * How the far side behaves. `take`: accepts everything. `choke`: rejects what holds the word poison. `busy`: a
 * transient trouble. `refuse`: something that a person must repair. `cut`: breaks the connection in the middle.
 * `hold`: takes everything, but says so only when released.
 */
export type Manner = 'take' | 'choke' | 'busy' | 'refuse' | 'cut' | 'hold';

interface FarSide {
  behave(manner: Manner): void;
  /** Ids of the records that it has taken, in order, with repeats. */
  taken(): readonly string[];
  /** Resolves when something waits to be released. */
  holding(): Promise<void>;
  release(): void;
}

export interface SinkHarness {
  readonly name: string;
  /** A far side and a sink to it; both closed at the end of `t`. */
  start(t: Test): Promise<{ readonly sink: Sink; readonly far: FarSide }>;
}

const never = new AbortController().signal;
/** A receiver that can only hang up needs this many to reject. */
const TRIES_TO_REJECT = 3;

function batchOf(sink: Sink, ids: readonly string[]): SealedBatch {
  return sink.seal(ids.map((id) => sink.encode(recordNamed(id))));
}

function kindsOf(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.map(({ kind }) => kind);
}

/** What the sink says when it has stopped saying "retry". */
async function decide(sink: Sink, batch: SealedBatch): Promise<readonly Outcome[]> {
  let outcomes: readonly Outcome[] = [];
  for (let tries = 0; tries < TRIES_TO_REJECT; tries += 1) {
    outcomes = await sink.send(batch, never);
    if (!kindsOf(outcomes).includes('retry')) break;
  }
  return outcomes;
}

/** What every sink must keep, whatever it speaks: run over each kind of destination. */
export function testSinkContract({ name, start }: SinkHarness): void {
  t.test(`${name} keeps the sink contract`, async (t) => {
    t.test('what is taken is acknowledged, one outcome per record, with the grade promised', async (t) => {
      const { sink, far } = await start(t);

      const outcomes = await sink.send(batchOf(sink, ['r1', 'r2', 'r3']), never);

      const taken = { kind: 'ok', grade: sink.caps.grade };
      t.match(outcomes, [taken, taken, taken]);
      t.same(far.taken(), ['r1', 'r2', 'r3']);
    });

    t.test('a batch with one record that is refused is not acknowledged for it', async (t) => {
      const { sink, far } = await start(t);
      far.behave('choke');

      const outcomes = await decide(sink, batchOf(sink, ['r1', 'poison', 'r3']));

      // Where the answer names the record, the others may be taken, or must be sent again.
      const around = sink.caps.perRecord ? ['ok'] : ['reject', 'retry'];
      const [before = '', poison, behind = ''] = kindsOf(outcomes);
      t.equal(poison, 'reject');
      t.ok(around.includes(before) && around.includes(behind), `${before} and ${behind}`);
      t.notOk(far.taken().includes('poison'));
    });

    t.test('a record that is refused alone is rejected, and the next one is taken', async (t) => {
      const { sink, far } = await start(t);
      far.behave('choke');

      const refused = await decide(sink, batchOf(sink, ['poison']));
      const next = await sink.send(batchOf(sink, ['r2']), never);

      t.same([...kindsOf(refused), ...kindsOf(next)], ['reject', 'ok']);
      t.same(far.taken(), ['r2']);
    });

    t.test('a transient trouble is a retry, and the same batch is taken after it', async (t) => {
      const { sink, far } = await start(t);
      const batch = batchOf(sink, ['r1', 'r2']);
      far.behave('busy');

      const during = await sink.send(batch, never);
      far.behave('take');
      const after = await sink.send(batch, never);

      t.same([...kindsOf(during), ...kindsOf(after)], ['retry', 'retry', 'ok', 'ok']);
      t.ok(['r1', 'r2'].every((id) => far.taken().includes(id)));
    });

    t.test('what a person must repair blocks, also the probe, until it is repaired', async (t) => {
      const { sink, far } = await start(t);
      far.behave('refuse');

      const [during] = await sink.send(batchOf(sink, ['r1']), never);
      const probed = await sink.probe(never);
      far.behave('take');
      const repaired = await sink.probe(never);

      t.match([during, probed], [{ kind: 'blocked' }, { kind: 'blocked' }]);
      t.match(repaired, { kind: 'ok' });
      t.same(far.taken(), []);
    });

    t.test('a connection cut in the middle of a batch acknowledges nothing', async (t) => {
      const { sink, far } = await start(t);
      far.behave('cut');
      const batch = batchOf(sink, ['r1', 'r2']);

      const during = await sink.send(batch, never);
      far.behave('take');
      const after = await sink.send(batch, never);

      t.same([...kindsOf(during), ...kindsOf(after)], ['retry', 'retry', 'ok', 'ok']);
      t.same(far.taken().slice(-2), ['r1', 'r2']);
    });

    t.test('a slow far side is waited for', async (t) => {
      const { sink, far } = await start(t);
      let answered = false;
      far.behave('hold');

      const sending = sink.send(batchOf(sink, ['r1']), never).finally(() => {
        answered = true;
      });
      await far.holding();
      const early = answered;
      far.release();
      const outcomes = await sending;

      t.equal(early, false);
      t.same(kindsOf(outcomes), ['ok']);
    });

    t.test('an aborted send answers at once, and acknowledges nothing', async (t) => {
      const { sink, far } = await start(t);
      const abort = new AbortController();
      far.behave('hold');

      const sending = sink.send(batchOf(sink, ['r1', 'r2']), abort.signal);
      await far.holding();
      abort.abort();
      const outcomes = await sending;
      const late = await sink.send(batchOf(sink, ['r3']), abort.signal);

      t.same([...kindsOf(outcomes), ...kindsOf(late)], ['retry', 'retry', 'retry']);
    });

    t.test('closing twice is safe', async (t) => {
      const { sink } = await start(t);
      await sink.send(batchOf(sink, ['r1']), never);

      await Promise.all([sink.close(1_000), sink.close(1_000)]);
      await sink.close(0);

      t.pass('neither of them failed');
    });

    t.test('the same records make the same batch, byte for byte', async (t) => {
      const { sink } = await start(t);

      const [one, two] = [batchOf(sink, ['r1', 'r2']), batchOf(sink, ['r1', 'r2'])];

      t.equal(one.id, two.id);
      t.ok(one.wire.equals(two.wire));
      t.not(one.id, batchOf(sink, ['r2', 'r1']).id);
    });

    t.test('by its id no record is lost between submit and the far side, whatever happens', async (t) => {
      const { sink, far } = await start(t);
      const ids = Array.from({ length: 40 }, (_, index) => (index === 17 ? 'poison' : `r${index}`));
      const troubles: Manner[] = ['busy', 'cut', 'busy', 'choke'];

      const { final, quarantined } = await deliver(sink, ids, () => far.behave(troubles.shift() ?? 'choke'));

      t.same(quarantined, ['poison']);
      t.same([...final].sort(), ids.filter((id) => id !== 'poison').sort());
      t.ok(final.every((id) => far.taken().includes(id)));
    });
  });
}

/** Ships the records through the real engine, ten in a batch; `beforeEach` runs before every send. */
export async function deliver(sink: Sink, ids: readonly string[], beforeEach: () => void = () => {}) {
  const entries: QuarantineEntry[] = [];
  const quarantine: Quarantine = {
    write: async (entry) => {
      entries.push(entry);
    },
  };
  const watched: Sink = {
    place: sink.place,
    caps: { ...sink.caps, maxBatchRecords: 10, maxBatchWaitMs: 0 },
    encode: (record) => sink.encode(record),
    seal: (records) => sink.seal(records),
    probe: (signal) => sink.probe(signal),
    close: (deadlineMs) => sink.close(deadlineMs),
    send: (batch, signal) => {
      beforeEach();
      return sink.send(batch, signal);
    },
  };
  const shipper = createShipper({
    ...{ destination: 'd', sink: watched, quarantine, clock: systemClock, logger: silentLogger },
    random: () => 0,
  });
  const final: string[] = [];
  const owner = {};
  await Promise.all(
    ids.map(
      (id) =>
        new Promise<void>((resolve) => {
          const record = sink.encode(recordNamed(id));
          shipper.submit({
            record,
            owner,
            done(result) {
              if (result.kind === 'final') final.push(id);
              resolve();
            },
          });
        }),
    ),
  );
  await shipper.close(5_000);
  return { final, quarantined: entries.map(({ key }) => key) };
}
