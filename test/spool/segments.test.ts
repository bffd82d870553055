import { spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';

import type { LogFields } from '../../agent/model/logger.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { uncovered } from '../../agent/spool/span.ts';
import { openSpool } from '../../agent/spool/spool.ts';
import { seededRandom } from '../support/random.ts';
import { eventOf, eventsIn, largeEventOf, spoolBench } from '../support/spooled-events.ts';

const WRITER = new URL('../support/spool-writer.ts', import.meta.url).pathname;
const FIRST = '00000001.spool';
const KILLS = 25;

t.test('events come back as they were, by time window, with what they cover', async (t) => {
  const bench = spoolBench(t);
  const spool = await bench.open();
  const odd = eventOf(3, '\ud800 lone, \0, \u2028 and "quotes"');
  await spool.append([eventOf(1), eventOf(2)], { from: 0, until: 3 });
  await spool.append([odd]);

  const again = await bench.open();

  for (const each of [spool, again]) {
    t.same(await eventsIn(each), [eventOf(1), eventOf(2), odd]);
    t.same(await eventsIn(each, 2, 2), [eventOf(2)]);
    t.match(each.covered, [{ from: 0, until: 3 }]);
    t.equal(each.covered.length, 1);
  }
  t.equal(again.bytes, statSync(join(bench.folder, FIRST)).size);
  t.equal(statSync(bench.folder).mode & 0o777, 0o700);
  t.equal(statSync(join(bench.folder, FIRST)).mode & 0o777, 0o600);
});

t.test('52 kill -9 while it appends: whatever was acknowledged is read back, and nothing else', async (t) => {
  const bench = spoolBench(t);
  const random = seededRandom(52);
  let next = 0;
  const acknowledged = new Set<number>();

  for (let kill = 0; kill < KILLS; kill += 1) {
    for (const number of await writeUntilKilled(bench.folder, next, {
      afterLine: kill % 4 === 0 ? 'ready' : String(next),
      afterMs: Math.floor(random() * 20),
    }))
      acknowledged.add(number);
    const spool = await bench.open();
    const found = (await eventsIn(spool)).map(({ timestamp }) => timestamp);
    next = (found.at(-1) ?? -1) + 1;
    // One that was stored and whose acknowledgement did not get out is there too.
    t.same(
      found,
      Array.from({ length: next }, (_, number) => number),
    );
    t.ok([...acknowledged].every((number) => number < next));
  }

  const spool = await bench.open();
  t.ok(acknowledged.size >= KILLS / 2, `${acknowledged.size} were acknowledged`);
  for (const event of await eventsIn(spool)) t.same(event, largeEventOf(event.timestamp));
  t.same(bench.alarms, [], 'no crash is taken for damage');
});

interface Death {
  /** `ready`, or a number that was stored. */
  readonly afterLine: string;
  /** So many milliseconds later. */
  readonly afterMs: number;
}

/** Answers with what the child said was stored until it was killed. */
async function writeUntilKilled(
  folder: string,
  from: number,
  { afterLine, afterMs }: Death,
): Promise<readonly number[]> {
  const child = spawn(process.execPath, [WRITER, folder, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === afterLine) setTimeout(() => child.kill('SIGKILL'), afterMs);
    if (line !== 'ready') told.push(Number(line));
  }
  return told;
}

t.test('52 a torn tail is cut off wherever the write ended, and the next append follows', async (t) => {
  const bench = spoolBench(t);
  const spool = await bench.open();
  await spool.append([eventOf(1)], { from: 0, until: 2 });
  const whole = spool.bytes;
  await spool.append([eventOf(2)], { from: 2, until: 3 });
  const path = join(bench.folder, FIRST);
  const bytes = readFileSync(path);

  for (const end of [whole + 1, whole + 11, whole + 12, whole + 500, bytes.length - 1]) {
    writeFileSync(path, bytes.subarray(0, end));
    const torn = await bench.open();
    const afterCut = statSync(path).size;
    await torn.append([eventOf(3)]);

    t.equal(afterCut, whole, `cut at ${end}`);
    t.same(await eventsIn(await bench.open()), [eventOf(1), eventOf(3)]);
    t.match(torn.covered, [{ from: 0, until: 2 }]);
    t.equal(torn.covered.length, 1);
  }
  for (const zeros of [5, 4096]) {
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(zeros)]));
    t.same(await eventsIn(await bench.open()), [eventOf(1), eventOf(2)], 'as a power cut leaves it');
  }
  t.same(bench.alarms, []);
});

t.test(
  '52 a wrong CRC ends what is read of its segment, with an alarm, and unsays what it covered',
  async (t) => {
    const bench = spoolBench(t);
    const spool = await bench.open();
    await spool.append([eventOf(1)], { from: 0, until: 2 });
    const whole = spool.bytes;
    await spool.append([eventOf(2)], { from: 2, until: 3 });
    await spool.append([eventOf(3)]);
    await spool.append([eventOf(4)], { from: 3, until: 5 });
    flip(join(bench.folder, FIRST), whole + 200);

    const damaged = await bench.open();
    const found = await eventsIn(damaged);
    await damaged.append([eventOf(2), eventOf(3)]);
    await damaged.append([eventOf(4)], { from: 2, until: 5 });
    const mended = await bench.open();

    t.same(found, [eventOf(1)]);
    t.match(bench.alarms[0], {
      code: 'AGT-007',
      damage: 'the CRC is wrong',
      path: join(bench.folder, FIRST),
    });
    t.same(readdirSync(bench.folder), [FIRST, '00000002.spool'], 'nothing is written behind the damage');
    t.same(
      await eventsIn(mended),
      [1, 2, 3, 4].map((at) => eventOf(at)),
    );
    t.match(mended.covered, [
      { from: 0, until: 2 },
      { from: 2, until: 5 },
    ]);
    await mended.discard(3);
    t.equal(readdirSync(bench.folder).length, 2, 'it stays while the next one is needed');
    await mended.discard(5);
    t.same(readdirSync(bench.folder), []);
  },
);

t.test('52 damage in an older segment unsays only what a later one covers from there on', async (t) => {
  const bench = spoolBench(t);
  const spool = await bench.open();
  const large = (at: number) => eventOf(at, 'x'.repeat(40 * 1024 * 1024));
  await spool.append([large(1)]);
  await spool.append([large(2)], { from: 0, until: 3 });
  await spool.append([eventOf(3)], { from: 3, until: 4 });
  t.equal(readdirSync(bench.folder).length, 2, 'a segment holds some 64 MB');
  t.equal(spool.covered.length, 2);

  flip(join(bench.folder, FIRST), 10_000);

  const damaged = await bench.open();
  t.match(damaged.covered, [{ from: 3, until: 4 }]);
  t.equal(damaged.covered.length, 1);
  t.same(
    (await eventsIn(damaged)).map(({ timestamp }) => timestamp),
    [2, 3],
  );
});

t.test('52 what can no longer be read is told once, and then what is left is read', async (t) => {
  const bench = spoolBench(t);
  const spool = await bench.open();
  await spool.append([eventOf(1)], { from: 0, until: 2 });
  flip(join(bench.folder, FIRST), 100);

  await t.rejects(eventsIn(spool), { code: 'AGT-007' });

  t.same(spool.covered, []);
  t.same(await eventsIn(spool), []);
  t.equal(bench.alarms.length, 1);
});

t.test('52 what was stored of an incomplete span is not stored again', async (t) => {
  const bench = spoolBench(t);
  const spool = await bench.open();
  await spool.append([eventOf(1), eventOf(2)]);

  const again = await bench.open();
  await again.append([eventOf(1), eventOf(2), eventOf(3)], { from: 1, until: 4 });

  t.same(
    await eventsIn(again),
    [1, 2, 3].map((at) => eventOf(at)),
  );
});

t.test('52 the quota refuses an append whole, and what is discarded makes room', async (t) => {
  const bench = spoolBench(t);
  const spool = await bench.open(2_000);
  await spool.append([eventOf(1)], { from: 1, until: 2 });

  await t.rejects(spool.append([eventOf(2)]), { message: /maxMegabytes/ });
  const before = await eventsIn(spool);
  await spool.discard(2);
  await spool.append([eventOf(2)]);

  t.same(before, [eventOf(1)]);
  t.same(await eventsIn(spool), [eventOf(2)]);
});

t.test('52 a full disk refuses an append, and nothing of it is there', async (t) => {
  const bench = spoolBench(t);
  mkdirSync(bench.folder, { mode: 0o700 });
  symlinkSync('/dev/full', join(bench.folder, FIRST));
  const spool = await bench.open();

  await t.rejects(spool.append([eventOf(1)], { from: 0, until: 2 }), { code: 'ENOSPC' });

  t.same(await eventsIn(spool), []);
  t.same(spool.covered, []);
});

t.test('52 what a failed write left is cut off before the next one', async (t) => {
  const bench = spoolBench(t);
  const spool = await bench.open();
  await spool.append([eventOf(1)]);
  const path = join(bench.folder, FIRST);
  const kept = `${path}.kept`;
  renameSync(path, kept);
  symlinkSync('/dev/full', path);

  await t.rejects(spool.append([eventOf(2)]), { code: 'ENOSPC' });
  rmSync(path);
  renameSync(kept, path);
  appendFileSync(path, 'half a fra');
  await spool.append([eventOf(2)]);

  t.same(await eventsIn(await bench.open()), [eventOf(1), eventOf(2)]);
  t.same(bench.alarms, []);
});

t.test(
  'what is stored while the spool is read is read too, in the same segment and in a new one',
  async (t) => {
    const bench = spoolBench(t);
    const spool = await bench.open();
    await spool.append([eventOf(1)]);

    const found: number[] = [];
    for await (const events of spool.read({ start: 0 })) {
      found.push(...events.map(({ timestamp }) => timestamp));
      if (events[0]?.timestamp === 1) await spool.append([eventOf(2)]);
      if (events[0]?.timestamp === 2) await spool.append([eventOf(3, 'x'.repeat(64 * 1024 * 1024))]);
    }

    t.same(found, [1, 2, 3]);
    t.equal(readdirSync(bench.folder).length, 2);
  },
);

t.test('all sources share the quota, also with folders that nobody asks for', async (t) => {
  const dir = join(t.testdir({ orphan: { '00000001.spool': 'x'.repeat(99_000_000) } }));
  const alarms: LogFields[] = [];
  const logger = { ...silentLogger, error: (_: string, fields: LogFields = {}) => alarms.push(fields) };
  const spool = await openSpool({ dir, maxMegabytes: 100 }, logger);
  const [one, other] = [spool.of('one'), spool.of('other')];
  const large = (at: number) => eventOf(at, 'x'.repeat(600_000));
  await one.append([large(1)]);

  await t.rejects(other.append([large(2)]), { message: /maxMegabytes/ });

  t.equal(spool.of('one'), one);
  t.equal(spool.bytes(), 99_000_000 + one.bytes);
  for (const _ of [1, 2]) spool.told({ source: 'other', error: new Error('full') });
  spool.told();
  spool.told({ source: 'one', error: new Error('full again') });
  t.match(alarms, [
    { code: 'AGT-007', source: 'other' },
    { code: 'AGT-007', source: 'one' },
  ]);
});

const GAP = { from: 10, until: 20 };
const SPANS = [
  { name: 'nothing', spans: [], left: GAP },
  { name: 'all of it', spans: [{ from: 5, until: 25 }], left: undefined },
  {
    name: 'all of it in pieces, in any order',
    spans: [
      { from: 14, until: 20 },
      { from: 10, until: 15 },
    ],
    left: undefined,
  },
  { name: 'its beginning', spans: [{ from: 10, until: 15 }], left: { from: 15, until: 20 } },
  { name: 'its end', spans: [{ from: 15, until: 22 }], left: { from: 10, until: 15 } },
  { name: 'its middle', spans: [{ from: 12, until: 18 }], left: GAP },
  {
    name: 'both ends',
    spans: [
      { from: 18, until: 20 },
      { from: 9, until: 12 },
    ],
    left: { from: 12, until: 18 },
  },
  { name: 'something else', spans: [{ from: 20, until: 30 }], left: GAP },
];

for (const { name, spans, left } of SPANS) {
  t.test(
    `where the spool holds ${name}, ${left ? `${left.from} to ${left.until}` : 'nothing'} is missing`,
    async (t) => {
      t.same(uncovered(GAP, spans), left);
    },
  );
}

t.test('a file that another agent has written meanwhile is read at the next look', async (t) => {
  const bench = spoolBench(t);
  const [one, other] = [await bench.open(), await bench.open()];
  await one.append([eventOf(1)], { from: 0, until: 2 });

  await other.refresh();
  await other.append([eventOf(2)]);
  await one.refresh();

  t.same(await eventsIn(one), [eventOf(1), eventOf(2)]);
});

/** Turns one bit. */
function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
