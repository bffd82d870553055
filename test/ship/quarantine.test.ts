import { appendFileSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

import { eventKey } from '../../agent/model/event-key.ts';
import { type Source, sourceKey } from '../../agent/model/source.ts';
import { createQuarantine, type QuarantineEntry } from '../../agent/ship/quarantine.ts';
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

t.test('a reader knows which log events stand in the file, and learns what is added', async (t) => {
  const path = join(t.testdir({}), 'siem.ndjson');
  const reader = createQuarantineReader(path);
  const quarantine = createQuarantine(path);
  const held = (eventId: string, source = SOURCE): boolean =>
    reader.holds(sourceKey(source), eventKey('s', eventId));

  await reader.refresh();
  t.notOk(held('e1'), 'there is no file yet');
  await quarantine.write(entryFrom('e1'));
  await quarantine.write(entry('a notice, which has no origin'));
  await Promise.all([reader.refresh(), reader.refresh()]);
  t.ok(held('e1'));
  t.notOk(held('e2'));
  await quarantine.write(entryFrom('e2'));
  await reader.refresh();

  t.ok(held('e1') && held('e2'));
  t.notOk(held('e1', { ...SOURCE, region: 'us-east-1' }), 'another source has other events');
});

t.test('a reader skips what a crash cut short, and waits for the end of a line', async (t) => {
  const path = join(t.testdir({}), 'siem.ndjson');
  const reader = createQuarantineReader(path);
  const line = JSON.stringify(entryFrom('e2'));
  appendFileSync(path, `{"schema":"guardrel\n${JSON.stringify(entryFrom('e1'))}\n${line.slice(0, 100)}`);
  const holds = (eventId: string): boolean => reader.holds(sourceKey(SOURCE), eventKey('s', eventId));

  await reader.refresh();
  const half = [holds('e1'), holds('e2')];
  appendFileSync(path, `${line.slice(100)}\n`);
  await reader.refresh();

  t.same(half, [true, false]);
  t.ok(holds('e2'));
});

t.test('a file that cannot be read is told with its path', async (t) => {
  const folder = t.testdir({});

  await t.rejects(createQuarantineReader(folder).refresh(), { code: 'AGT-001', message: folder });
});
