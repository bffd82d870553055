import fc from 'fast-check';
import t from 'tap';

import type { Change, Position, SourceState } from '../../agent/model/position.ts';
import { Progress } from '../../agent/relay/progress.ts';
import type { CompleteRead, WindowPlan } from '../../agent/tail/read.ts';

const SOURCE = 'acme/111111111111/eu-west-1:/aws/events/guardrelay';

const state: SourceState = {
  source: SOURCE,
  generation: 1,
  highWater: 1_000,
  lastReadAt: 0,
  sweeps: [{ windowMinutes: 180, doneAt: 500 }],
};

function position(destination: string, bit: number): Position {
  return {
    source: SOURCE,
    destination,
    bit,
    floor: 1_000,
    born: 0,
    mode: 'joined',
    grade: 'none',
    updatedAt: 0,
  };
}

function start(): Progress {
  return new Progress(state, [position('siem', 0), position('lake', 1)]);
}

function key(number: number): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, index) => (index === 0 ? number % 256 : number >> 8));
}

function complete(startedAt: number, highWater?: number): CompleteRead {
  const read = { kind: 'complete', what: 'poll', startedAt, pages: 1, bytes: 0 } as const;
  return highWater === undefined ? read : { ...read, highWater };
}

const BOTH = ['siem', 'lake'];
const SWEEP: WindowPlan = { what: 'poll', start: 0, due: [180] };

function only<K extends Change['kind']>(
  kind: K,
  changes: readonly Change[] = [],
): Extract<Change, { kind: K }>[] {
  return changes.filter((change): change is Extract<Change, { kind: K }> => change.kind === kind);
}

t.test('a floor stands below the oldest event that is not final, whatever finished above it', async (t) => {
  const progress = start();
  const keys = [key(1), key(2), key(3)];
  for (const [index, each] of keys.entries())
    progress.ledger('siem').enter(each, { timestamp: 2_000 + index }, { records: 1 });
  progress.reached(5_000);

  progress.settle('siem', keys[2] ?? key(0), { grade: 'accepted' });
  progress.settle('siem', keys[0] ?? key(0), { grade: 'accepted' });

  t.equal(progress.position('siem').floor, 2_001);
  t.equal(progress.position('lake').floor, 5_000, 'the other destination has nothing to wait for');
});

t.test('a late event moves the floor back until it is final', async (t) => {
  const progress = start();

  progress.ledger('siem').enter(key(1), { timestamp: 400 }, { records: 1 });
  const held = progress.position('siem').floor;
  progress.settle('siem', key(1), { grade: 'accepted' });

  t.equal(held, 400);
  t.equal(progress.position('siem').floor, 1_000);
});

t.test('a stored floor stands until a poll that began there has been past it', async (t) => {
  const siem = { ...position('siem', 0), floor: 100 };
  const progress = new Progress(state, [siem, position('lake', 1)]);
  const floor = () => progress.position('siem').floor;

  const claimed = floor();
  progress.ledger('lake').enter(key(1), { timestamp: 200 }, { records: 1 });
  progress.settle('lake', key(1), { grade: 'accepted' });
  const untouched = only('position', progress.takeChanges(0));
  progress.reached(400);
  const halfway = floor();
  progress.completed({ what: 'poll', start: 100, due: [] }, complete(2_000, 900), BOTH);

  t.equal(claimed, 100, 'the restart begins there');
  t.match(untouched, [{ position: { floor: 100 } }, { position: { floor: 1_000 } }]);
  t.equal(halfway, 400, 'pages in time order move it');
  t.equal(floor(), 1_000);
});

t.test('an event of several records is finished with the last of them', async (t) => {
  const progress = start();
  progress.ledger('siem').enter(key(1), { timestamp: 2_000 }, { records: 2 });

  progress.settle('siem', key(1), { grade: 'accepted' });
  const after1 = only('finished', progress.takeChanges(0));
  progress.settle('siem', key(1), { grade: 'accepted' });
  const after2 = only('finished', progress.takeChanges(0));

  t.same(after1, []);
  t.match(after2, [{ timestamp: 2_000, mask: 1n }]);
});

t.test('an event that is finished but not yet in the store is still known', async (t) => {
  const progress = start();
  const ledger = progress.ledger('siem');
  ledger.enter(key(1), { timestamp: 2_000 }, { records: 1 });
  progress.settle('siem', key(1), { grade: 'accepted' });

  const beforeCommit = ledger.knows(key(1));
  progress.takeChanges(0);
  const duringCommit = ledger.knows(key(1));
  progress.committed();

  t.same([beforeCommit, duringCommit, ledger.knows(key(1))], [true, true, false]);
});

t.test('destinations that finish one event together share one row', async (t) => {
  const progress = start();
  const shared = key(1);
  for (const id of ['siem', 'lake']) {
    progress.ledger(id).enter(shared, { timestamp: 2_000 }, { records: 1 });
    progress.settle(id, shared, { grade: 'peer-read' });
  }

  const changes = progress.takeChanges(7);

  t.match(only('finished', changes), [{ mask: 3n }]);
  t.match(only('position', changes), [{ position: { grade: 'peer-read', updatedAt: 7 } }, {}]);
});

t.test('an empty page and a failed read move nothing', async (t) => {
  const progress = start();

  t.equal(progress.takeChanges(0), undefined);
});

t.test('a sweep closes when what was handed out before its end is final, not when all is', async (t) => {
  const progress = start();
  progress.ledger('siem').enter(key(1), { timestamp: 2_000 }, { records: 1 });
  progress.completed(SWEEP, complete(9_000, 2_000), BOTH);
  progress.ledger('siem').enter(key(2), { timestamp: 3_000 }, { records: 1 });

  const before = only('state', progress.takeChanges(0))[0]?.state.sweeps;
  progress.settle('siem', key(1), { grade: 'accepted' });
  const after = only('state', progress.takeChanges(0))[0]?.state.sweeps;

  t.same(before, [{ windowMinutes: 180, doneAt: 500 }]);
  t.same(after, [{ windowMinutes: 180, doneAt: 9_000, bytes: 0 }]);
});

t.test('a sweep stays due when a destination was split off before its last page', async (t) => {
  const progress = start();

  progress.split('siem', 8_000);
  progress.completed(SWEEP, complete(7_000, 2_000), BOTH);
  progress.takeChanges(0);

  t.same(progress.state.sweeps, [{ windowMinutes: 180, doneAt: 500 }]);
});

t.test('a destination that is split off keeps its floor while the polls go on', async (t) => {
  const progress = start();
  progress.ledger('siem').enter(key(1), { timestamp: 2_000 }, { records: 1 });
  progress.reached(4_000);

  progress.split('siem', 10_000);
  progress.reached(8_000);

  t.match(progress.position('siem'), { mode: 'behind', floor: 2_000, splitAt: 10_000 });
  t.same(progress.destinations('joined'), ['lake']);
  t.equal(progress.waiting(), 0);
});

t.test(
  'catching up moves the floor with what is final, and joining makes due again what was swept without it',
  async (t) => {
    const progress = start();
    progress.split('siem', 10_000);
    progress.completed(SWEEP, complete(20_000), ['lake']);
    progress.takeChanges(0);
    progress.reached(8_000);
    progress.ledger('siem').enter(key(1), { timestamp: 3_000 }, { records: 1 });
    progress.caughtUpTo('siem', 7_000);

    const behind = progress.position('siem').floor;
    progress.join('siem', complete(9_000));
    progress.settle('siem', key(1), { grade: 'accepted' });

    t.equal(behind, 3_000);
    t.match(progress.position('siem'), { mode: 'joined', floor: 8_000, splitAt: undefined });
    t.same(progress.state.sweeps, [{ windowMinutes: 180, doneAt: 500, bytes: 0 }]);
  },
);

t.test('what polls read after the last page of a catch-up is still to be offered', async (t) => {
  for (const [read, floor] of [
    [complete(5_000, 4_000), 5_000],
    [complete(5_000, 6_000), 6_000],
    [complete(5_000, 9_000), 8_000],
  ] as const) {
    const progress = start();
    progress.split('siem', 3_000);
    progress.reached(8_000);

    progress.join('siem', read);

    t.equal(progress.position('siem').floor, floor);
  }
});

t.test('finished ids are forgotten three weeks under the lowest floor, once an hour', async (t) => {
  const progress = start();
  const days = 86_400_000;
  progress.reached(40 * days);

  const first = only('forget', progress.takeChanges(0));
  progress.reached(40 * days + 60_000);
  const second = only('forget', progress.takeChanges(0));

  t.same(first, [{ kind: 'forget', source: SOURCE, before: 19 * days - 3_600_000 }]);
  t.same(second, []);
});

t.test('where sweeps stand for ids, only a closed one does, and only for those that shared it', async (t) => {
  const progress = start();
  progress.completed(SWEEP, complete(3_000, 2_000), BOTH);
  progress.takeChanges(0);
  const withoutRule = progress.state.ingestionRule;
  progress.followIngestionRule(true, 4_000);
  progress.ledger('lake').enter(key(1), { timestamp: 900, ingestionTime: 950 }, { records: 1 });
  progress.completed(SWEEP, complete(5_000, 2_000), BOTH);

  const open = progress.takeChanges(0);
  progress.split('siem', 6_000);
  progress.settle('lake', key(1), { grade: 'accepted' });
  const after = progress.takeChanges(0);

  t.equal(withoutRule, undefined);
  t.same(only('proved', open), [], 'an event that it handed out is not final');
  t.same(only('state', open)[0]?.state.ingestionRule?.covered, []);
  t.same(only('state', after)[0]?.state.ingestionRule?.covered, [
    { from: 0, to: 5_000, at: 5_000, bits: [1] },
  ]);
  t.same(
    after?.map(({ kind }) => kind),
    ['state', 'position', 'position', 'finished', 'proved'],
    'range, ids and what is forgotten move together',
  );
  t.match(only('finished', after), [{ ingestionTime: 950 }]);
});

t.test(
  '48 the floor never passes an event that is not final, in any order of acknowledgements',
  async (t) => {
    const order = fc.uniqueArray(fc.integer({ min: 0, max: 199 }), { minLength: 0, maxLength: 200 });

    fc.assert(
      fc.property(
        order,
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 200, maxLength: 200 }),
        (acks, times) => {
          const progress = start();
          const keys = times.map((_, index) => key(index));
          for (const [index, each] of keys.entries())
            progress.ledger('siem').enter(each, { timestamp: 2_000 + (times[index] ?? 0) }, { records: 1 });
          progress.reached(10_000);
          const open = new Set(keys.keys());
          for (const index of acks) {
            progress.settle('siem', keys[index] ?? key(0), { grade: 'accepted' });
            open.delete(index);
            const oldest = Math.min(10_000, ...[...open].map((at) => 2_000 + (times[at] ?? 0)));
            if (progress.position('siem').floor !== oldest) return false;
          }
          return only('finished', progress.takeChanges(0)).length === acks.length;
        },
      ),
      { numRuns: 100 },
    );
    t.pass();
  },
);
