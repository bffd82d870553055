import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import t, { type Test } from 'tap';

import { eventKey } from '../../agent/model/event-key.ts';
import { type Source, sourceKey } from '../../agent/model/source.ts';
import { createQuarantine, type QuarantineEntry, type QuarantineRetry } from '../../agent/ship/quarantine.ts';
import { quarantineId } from '../../agent/ship/quarantine-lines.ts';
import { listQuarantine, readEntry } from '../../agent/ship/quarantine-list.ts';
import { createQuarantineReader } from '../../agent/ship/quarantine-reader.ts';
import { SOURCE } from '../support/log-events.ts';

function entry(key: string): QuarantineEntry {
  return {
    schema: 'guardrelay.quarantine/v1',
    at: '2026-07-22T18:47:17.000Z',
    destination: 'siem',
    why: 'no',
    key,
    kind: 'unparsed',
    raw: 'text with a\nline break',
  };
}

function keysIn(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => /"key":"([^"]*)"/.exec(line)?.[1] ?? `torn: ${line}`);
}

t.test('entries are lines of JSON in a file that only its owner can read', async (t) => {
  const path = join(t.testdir({}), 'quarantine', 'siem.ndjson');
  const quarantine = createQuarantine(path);

  await Promise.all([quarantine.write(entry('r1')), quarantine.write(entry('r2'))]);
  await createQuarantine(path).write(entry('r3'));

  t.same(keysIn(path), ['r1', 'r2', 'r3']);
  t.same(JSON.parse(readFileSync(path, 'utf8').split('\n')[0] ?? ''), entry('r1'));
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.equal(statSync(join(path, '..')).mode & 0o777, 0o700);
});

t.test('a line that a crash cut short does not swallow the next one', async (t) => {
  const path = join(t.testdir({}), 'siem.ndjson');
  const quarantine = createQuarantine(path);
  await quarantine.write(entry('r1'));
  appendFileSync(path, '{"schema":"guardrel');

  await quarantine.write(entry('r2'));

  t.same(keysIn(path), ['r1', 'torn: {"schema":"guardrel', 'r2']);
});

t.test('an agent and a retry may write at the same time, however long the lines', async (t) => {
  const { folder, path } = readFolder(t);
  const raw = 'x'.repeat(700_000);
  const writers = [createQuarantine(path), createQuarantine(path)];

  await Promise.all(
    writers.flatMap((writer, of) =>
      Array.from({ length: 20 }, (_, at) => writer.write({ ...entry(`r${of}-${at}`), raw })),
    ),
  );

  const { files, records } = await listQuarantine(folder);
  t.match(files, [{ unreadable: 0 }]);
  t.equal(records.length, 40);
});

t.test('a file that is full refuses, and nothing is written', async (t) => {
  const path = join(t.testdir({}), 'siem.ndjson');
  const quarantine = createQuarantine(path, 300);
  await quarantine.write(entry('r1'));

  await t.rejects(quarantine.write(entry('r2')), { message: /would exceed 300 bytes/ });

  t.same(keysIn(path), ['r1']);
});

t.test('a place that cannot be written refuses, and works again when it is repaired', async (t) => {
  const folder = t.testdir({ late: 'a file in the way' });
  const path = join(folder, 'late', 'siem.ndjson');
  const quarantine = createQuarantine(path);

  const failure = await quarantine.write(entry('r1')).catch((error: unknown) => error);
  unlinkSync(join(folder, 'late'));
  await quarantine.write(entry('r2'));

  t.match(failure, { code: 'EEXIST' });
  t.same(keysIn(path), ['r2']);
});

function entryFrom(eventId: string, source: Source = SOURCE): QuarantineEntry {
  return { ...entry(eventId), origin: { source, stream: 's', eventId, timestamp: 1, ingestionTime: 2 } };
}

function retried(of: QuarantineEntry, result: QuarantineRetry['result'], to = 'siem'): QuarantineRetry {
  const { at, destination } = of;
  return { schema: 'guardrelay.quarantine-retry/v1', at, id: quarantineId(of), destination, to, result };
}

/** A folder with the file of `siem`, a reader of it, and what it holds. */
function readFolder(t: Test) {
  const folder = t.testdir({});
  const path = join(folder, 'siem.ndjson');
  const reader = createQuarantineReader(folder, 'siem');
  const holds = (eventId: string, source = SOURCE): boolean =>
    reader.holds(sourceKey(source), eventKey('s', eventId));
  return { folder, path, reader, holds, quarantine: createQuarantine(path) };
}

t.test('a reader knows which log events stand in the file, and learns what is added', async (t) => {
  const { reader, holds, quarantine } = readFolder(t);

  await reader.refresh();
  t.notOk(holds('e1'), 'there is no file yet');
  await quarantine.write(entryFrom('e1'));
  await quarantine.write(entry('a notice, which has no origin'));
  await Promise.all([reader.refresh(), reader.refresh()]);
  t.ok(holds('e1'));
  t.notOk(holds('e2'));
  t.equal(reader.standing(), 2);
  await quarantine.write(entryFrom('e2'));
  await reader.refresh();

  t.ok(holds('e1') && holds('e2'));
  t.notOk(holds('e1', { ...SOURCE, region: 'us-east-1' }), 'another source has other events');
});

t.test('a reader skips what a crash cut short, and waits for the end of a line', async (t) => {
  const { path, reader, holds } = readFolder(t);
  const line = JSON.stringify(entryFrom('e2'));
  appendFileSync(path, `{"schema":"guardrel\n${JSON.stringify(entryFrom('e1'))}\n${line.slice(0, 100)}`);

  await reader.refresh();
  const half = [holds('e1'), holds('e2')];
  appendFileSync(path, `${line.slice(100)}\n`);
  await reader.refresh();

  t.same(half, [true, false]);
  t.ok(holds('e2'));
});

t.test('a file that cannot be read is told with its path', async (t) => {
  const { folder } = readFolder(t);
  mkdirSync(join(folder, 'siem.ndjson'));

  const failure = { code: 'AGT-001', message: join(folder, 'siem.ndjson') };
  await t.rejects(createQuarantineReader(folder, 'siem').refresh(), failure);
  await t.rejects(listQuarantine(folder), failure);
});

t.test('a record that its destination took stands there no longer, until it is refused anew', async (t) => {
  const { reader, holds, quarantine } = readFolder(t);
  const [one, other] = [entryFrom('e1'), { ...entryFrom('e1'), key: 'another part of the same log event' }];
  const seen: unknown[] = [];
  const look = async (): Promise<void> => {
    await reader.refresh();
    seen.push([reader.standing(), holds('e1')]);
  };

  for (const each of [one, other]) await quarantine.write(each);
  await look();
  await quarantine.note(retried(one, 'refused'));
  await quarantine.note(retried(one, 'released'));
  await look();
  await quarantine.note(retried(other, 'released', 'lake'));
  await look();
  await quarantine.note(retried(other, 'released'));
  await look();
  await quarantine.write(one);
  await look();

  t.same(seen, [
    [2, true],
    [1, true],
    [0, true],
    [0, false],
    [1, true],
  ]);
});

t.test('a file that is moved aside counts on, and one that is removed does not', async (t) => {
  const { folder, path, reader, quarantine } = readFolder(t);
  const [one, other] = [entryFrom('e1'), entryFrom('e2')];
  const aside = join(folder, 'siem.2026-07.ndjson');
  const standing: number[] = [];
  const look = async (): Promise<void> => {
    await reader.refresh();
    standing.push(reader.standing());
  };

  await quarantine.write(one);
  await look();
  renameSync(path, aside);
  for (const each of [one, other]) await quarantine.write(each);
  await look();
  unlinkSync(aside);
  await look();
  unlinkSync(path);
  await look();

  t.same(standing, [1, 2, 2, 0]);
});

t.test('the list has each record once, oldest first, with what was said last', async (t) => {
  const { folder, path, quarantine } = readFolder(t);
  const old = { ...entryFrom('e1'), at: '2026-07-01T00:00:00.000Z', raw: 'ä' };
  await quarantine.write(entryFrom('e2'));
  await quarantine.write(old);
  await quarantine.write(entryFrom('released'));
  await quarantine.note(retried(entryFrom('released'), 'released'));
  await quarantine.note({ ...retried(old, 'refused', 'lake'), why: 'too old' });
  appendFileSync(path, '{"schema":"guardrel\n{"schema":"guardrelay.quarantine/v9"}\n{"schema"');
  renameSync(path, join(folder, 'siem.old.ndjson'));
  await createQuarantine(path).write({ ...old, at: '2026-07-02T00:00:00.000Z' });
  await createQuarantine(join(folder, 'lake.ndjson')).write({ ...old, destination: 'lake' });

  const all = await listQuarantine(folder);
  const [first, second] = (await listQuarantine(folder, 'siem')).records;

  t.same(
    all.files.map(({ path: file, bytes: _, ...counts }) => [basename(file), counts]),
    [
      ['lake.ndjson', { standing: 1, released: 0, unreadable: 0 }],
      ['siem.ndjson', { standing: 1, released: 0, unreadable: 0 }],
      ['siem.old.ndjson', { standing: 2, released: 1, unreadable: 2 }],
    ],
  );
  t.equal(all.records.length, 3);
  t.match(first, {
    ...{ destination: 'siem', rawBytes: 2, refusals: 1, lastRefusal: { to: 'lake', why: 'too old' } },
    files: [/siem.ndjson$/, /siem.old.ndjson$/],
  });
  t.match(second, { key: 'e2', refusals: 0 });
  t.match(first && (await readEntry(first)), { at: '2026-07-02T00:00:00.000Z', raw: 'ä' });
});

t.test('ids are those of the record at its destination, whatever was said of it', async (t) => {
  const one = entryFrom('e1');
  const origin = { ...one.origin, part: { index: 1, of: 2 } } as const;
  const same = { ...one, at: '2027-01-01T00:00:00.000Z', why: 'something else', raw: 'x' };

  t.match(quarantineId(one), /^[0-9a-f]{12}$/);
  t.equal(quarantineId(same), quarantineId(one));
  t.not(quarantineId({ ...one, destination: 'lake' }), quarantineId(one));
  t.not(quarantineId({ ...one, key: 'k' }), quarantineId(one));
  t.not(
    quarantineId({ ...entryFrom('e1'), ...(one.origin && { origin: { ...one.origin, part: origin.part } }) }),
    quarantineId(one),
  );
});

t.test('51 a disk that is full refuses, and takes records again when it has room', async (t) => {
  const path = join(t.testdir({}), 'siem.ndjson');
  symlinkSync('/dev/full', path);
  const quarantine = createQuarantine(path);

  const failure = await quarantine.write(entry('r1')).catch((error: unknown) => error);
  unlinkSync(path);
  await quarantine.write(entry('r2'));

  t.match(failure, { code: 'ENOSPC' });
  t.same(keysIn(path), ['r2']);
});
