import t from 'tap';

import { insert, REGIONS, setScene } from '../support/agent-cli.ts';

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
  const { schema, agentId, sources } = JSON.parse(exported.stdout);
  t.same({ schema, agentId }, { schema: 'guardrelay.checkpoints/v1', agentId: 'relay-1' });
  t.match(
    sources,
    REGIONS.map((region) => ({
      ...{ source: `acme/111111111111/${region}:/aws/events/guardrelay`, region, enabled: true },
      state: { generation: Number, highWater: Number, lastReadAt: Number },
      positions: [{ destination: 'siem', floor: Number, mode: 'joined' }],
    })),
  );
  t.ok(sources[0].state.highWater >= began - 60_000, 'in epoch ms, as it is stored');
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
