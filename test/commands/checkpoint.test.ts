import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';

import { ADMIN, finding, GROUP, insert, linesOf, placeOf, REGIONS, setScene } from '../support/agent-cli.ts';

/** Within what each poll reads again. */
const LATE_MS = 30_000;

t.test('list shows a row per source and destination, export all that is stored of them', async (t) => {
  const began = Date.now();
  const { aws, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 2);
  await guardrelay('run', '--once');

  const [list, plain, exported] = await Promise.all([
    guardrelay('checkpoint', 'list', '--json'),
    guardrelay('checkpoint', 'list'),
    guardrelay('checkpoint', 'export'),
  ]);

  t.same([list.code, plain.code, exported.code], [0, 0, 0], list.stderr + plain.stderr + exported.stderr);
  const { data, summary } = JSON.parse(list.stdout);
  t.match(summary, { sources: 2, neverRead: 0 });
  t.match(
    data,
    REGIONS.map((region) => ({
      ...{ customer: 'acme', region, destination: 'siem', mode: 'joined', grade: 'accepted', enabled: true },
      ...{ floor: /^20/, updatedAt: /^20/, lastReadAt: /^20/, floorLagMs: Number },
    })),
  );
  t.match(plain.stdout, /acme\t111111111111\teu-west-1\tsiem\t20\S+\t\d+[smhd]\tjoined\taccepted\t20/);
  const [version, ...lines] = exported.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(version, { type: 'version', schema: 'guardrelay.checkpoints/v1', agentId: 'relay-1' });
  t.same(
    lines.map(({ type }) => type),
    [...REGIONS.flatMap(() => ['source', 'finished', 'finished']), 'end'],
  );
  t.match(
    lines.filter(({ type }) => type === 'source'),
    REGIONS.map((region) => ({
      spec: { source: `acme/111111111111/${region}:/aws/events/guardrelay`, region },
      state: { generation: Number, highWater: Number, lastReadAt: Number },
      positions: [{ destination: 'siem', floor: Number, mode: 'joined' }],
    })),
  );
  t.ok(lines[0].state.highWater >= began - 60_000, 'in epoch ms, as it is stored');
});

t.test(
  'on another machine an agent goes on from an imported document: nothing lost, nothing again',
  async (t) => {
    const { aws, cwd, siem, guardrelay } = await setScene(t);
    for (const region of REGIONS) insert(aws, region, 3);
    await guardrelay('run', '--once');
    const exported = await guardrelay('checkpoint', 'export', '--file', join(cwd, 'document'));
    await rename(join(cwd, 'state'), join(cwd, 'the other machine'));
    const now = Date.now();
    const late = { timestamp: now - LATE_MS, ingestionTime: now, message: finding(90) };
    aws.logs.insert(placeOf('eu-west-1'), GROUP, [late]);
    insert(aws, 'us-east-1', 1, 91);

    const imported = await guardrelay('checkpoint', 'import', join(cwd, 'document'), '--json');
    const again = await guardrelay('checkpoint', 'import', join(cwd, 'document'));
    const ran = await guardrelay('run', '--once');

    t.same([exported.code, imported.code, again.code, ran.code], [0, 0, 0, 0], imported.stderr + ran.stderr);
    t.match(exported.stderr, /Before another agent goes on from it, stop this one/);
    t.match(JSON.parse(imported.stdout), {
      summary: { new: 2, kept: 0 },
      data: [{ result: 'new', finishedCount: 3 }, {}],
    });
    const counts = Map.groupBy(linesOf(siem), (line) => line);
    t.equal(counts.size, 8, 'six before, and two that came in between, one of them late');
    t.ok([...counts.values()].every(({ length }) => length === 1));
  },
);

t.test('a position that is set back sends that window again, of that source alone', async (t) => {
  const { aws, siem, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 2);
  await guardrelay('run', '--once');

  const set = await guardrelay('checkpoint', 'set', `${ADMIN}/us-east-1`, '--to', '-1h');
  const ran = await guardrelay('run', '--once');

  t.same([set.code, ran.code], [0, 0], set.stderr);
  t.match(
    set.stderr,
    /siem goes back (59m|1h), from 20.* to 20.*: events from there on are sent to it again/,
  );
  t.match(set.stdout, /siem\tback\t20\S+\t20/);
  const sent = linesOf(siem).map((line) => JSON.parse(line).region);
  t.equal(sent.filter((region) => region === 'us-east-1').length, 4);
  t.equal(sent.filter((region) => region === 'eu-west-1').length, 2);
});

t.test('a position that is set forward skips what was not sent, and only if somebody says so', async (t) => {
  const { aws, siem, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 1);
  await guardrelay('run', '--once');
  insert(aws, 'us-east-1', 5, 10);
  const forward = ['checkpoint', 'set', `${ADMIN}/us-east-1`, '--dest', 'siem', '--to', 'now'];

  const unasked = await guardrelay(...forward);
  const set = await guardrelay(...forward, '--yes');
  insert(aws, 'us-east-1', 1, 20);
  await guardrelay('run', '--once');

  t.equal(unasked.code, 2);
  t.match(unasked.stderr, /siem skips .* is never sent to it, late events included/);
  t.match(unasked.stderr, /There is no terminal to ask: Type the account id \(111111111111\) to skip this/);
  t.equal(set.code, 0, set.stderr);
  const ids = linesOf(siem).map((line) => JSON.parse(line).id);
  t.same(ids.toSorted(), ['f-0', 'f-0', 'f-20'], 'the first ones of both regions, and what came after');
});

t.test('what cannot be meant is refused, with what can', async (t) => {
  const { aws, cwd, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 1);
  await guardrelay('run', '--once');
  await writeFile(join(cwd, 'broken'), '{"type":"version"}\n');

  const [unknown, ambiguous, ahead, destination, broken, missing] = await Promise.all([
    guardrelay('checkpoint', 'set', 'mars', '--to', '-1h'),
    guardrelay('checkpoint', 'set', ADMIN, '--to', '-1h'),
    guardrelay('checkpoint', 'set', `${ADMIN}/us-east-1`, '--to', '2999-01-01T00:00:00Z'),
    guardrelay('checkpoint', 'set', `${ADMIN}/us-east-1`, '--dest', 'lake', '--to', '-1h'),
    guardrelay('checkpoint', 'import', join(cwd, 'broken')),
    guardrelay('checkpoint', 'import', join(cwd, 'nowhere')),
  ]);

  for (const { code } of [unknown, ambiguous, ahead, destination, broken, missing]) t.equal(code, 2);
  t.match(unknown.stderr, /mars is no source that the store knows\n.*acme\/111111111111\/eu-west-1/);
  t.match(ambiguous.stderr, /111111111111 means 2 sources/);
  t.match(ahead.stderr, /--to .*/);
  t.match(destination.stderr, /Name one of: siem/);
  t.match(broken.stderr, /AGT-006.*line 1/);
  t.match(missing.stderr, /AGT-006.*nowhere/);
});

t.test('what was never read is counted, and another customer is left out', async (t) => {
  const { aws, guardrelay } = await setScene(t);
  insert(aws, 'us-east-1', 1);
  await guardrelay('run', '--once');

  const [list, unknown] = await Promise.all([
    guardrelay('checkpoint', 'list', '--json', '--customer', 'acme'),
    guardrelay('checkpoint', 'export', '--customer', 'globex'),
  ]);

  const { data, summary } = JSON.parse(list.stdout);
  t.match(summary, { sources: 2, neverRead: 1 });
  t.match(data, [{ region: 'us-east-1' }]);
  t.equal(unknown.code, 2);
  t.match(unknown.stderr, /no customer "globex"/);
});

t.test('without an agent ever having run there is nothing to show', async (t) => {
  const { guardrelay } = await setScene(t);

  const { code, stderr } = await guardrelay('checkpoint', 'list');

  t.equal(code, 3);
  t.match(stderr, /AGT-002.*\n.*guardrelay run/);
});
