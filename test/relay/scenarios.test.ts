import { isJsonObject } from '../../agent/model/json.ts';
import { ACCOUNT, HOME } from '../support/local-aws.ts';
import { enveloped } from '../support/log-events.ts';
import { ACME, GROUP, idsOf, putFindings, setScene } from '../support/relay-scene.ts';
import { scenario } from '../support/scenario.ts';
import { assertDelivered, type TestSiem } from '../support/test-siem.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const MEMBER = '222222222222';

scenario('S10 one destination is down for three minutes', async (t, pages) => {
  const scene = await setScene(t, { pages });
  const { clock, aws, siem, lake } = scene;
  aws.logs.groups(HOME).create({ name: GROUP });
  const agent = await scene.start();
  const ids = idsOf('e', 12);

  for (const [minute, id] of ids.entries()) {
    siem.isDown = minute >= 3 && minute < 6;
    putFindings(scene, HOME, [id]);
    await clock.advance(MINUTE_MS);
    t.equal(lake.ids.length, minute + 1, 'the other one gets it within its poll');
  }
  await scene.until('everything is delivered', () => siem.ids.length >= ids.length);

  for (const each of [siem, lake]) assertDelivered(t, each, ids);
  await agent.stop();
});

scenario('S12 a destination is down, and then the agent is killed', async (t, pages) => {
  const scene = await setScene(t, { pages });
  const { clock, aws, siem, lake } = scene;
  aws.logs.groups(HOME).create({ name: GROUP });
  const ids = idsOf('e', 8);
  const beganAt = clock.now();
  const killed = await scene.start();
  for (const [minute, id] of ids.entries()) {
    siem.isDown = minute >= 3;
    putFindings(scene, HOME, [id]);
    await clock.advance(MINUTE_MS);
  }

  const floors = await killed.floors();
  const directory = await killed.kill();
  siem.isDown = false;
  const agent = await scene.start({ directory });
  await scene.until('everything is delivered', () => new Set(siem.ids).size >= ids.length);
  await clock.advance(2 * MINUTE_MS);

  t.equal(floors.siem, beganAt + 3 * MINUTE_MS, 'the first event that is not delivered');
  for (const each of [siem, lake]) assertDelivered(t, each, ids);
  await agent.stop();
});

/** `source.eventId` of every record that a SIEM has. */
function eventIdsAt({ records }: TestSiem): readonly unknown[] {
  return records.map(({ source }) => (isJsonObject(source) ? source.eventId : undefined));
}

scenario('S31 whatever stands in a log event is delivered', async (t, pages) => {
  const scene = await setScene(t, { pages });
  const { clock, aws, siem, lake } = scene;
  const messages = [
    'x'.repeat(1_048_576),
    JSON.stringify(enveloped({ text: 'y'.repeat(1_000_000) }, { id: 'large' })),
    'a NUL \u0000 in it',
    'half a character \ud800 in it',
    JSON.stringify(enveloped({ text: '\u0000 and \udfff' }, { id: 'broken text' })),
    '',
    'line one\nline two',
    'no JSON at all {"',
    'null',
    '[]',
    JSON.stringify(enveloped({}, { id: 'unheard', 'detail-type': 'Something Nobody Has Heard Of' })),
    JSON.stringify(enveloped({ type: 'Recon:EC2/Portscan', arn: 'a' }, { id: 'no service' })),
  ];
  aws.logs.insert(
    HOME,
    GROUP,
    messages.map((message) => ({ timestamp: clock.now(), message })),
  );
  const agent = await scene.start();

  await scene.until('everything is delivered', () => lake.ids.length >= messages.length);
  putFindings(scene, HOME, ['afterwards']);
  await clock.advance(2 * MINUTE_MS);

  for (const each of [siem, lake]) {
    t.equal(new Set(eventIdsAt(each)).size, messages.length + 1, 'nothing is lost, and reading goes on');
    t.equal(each.records.length, messages.length + 1, 'nothing comes twice');
  }
  for (const text of ['', 'line one\nline two', 'a NUL \u0000 in it']) {
    t.ok(
      siem.records.some(({ raw, kind }) => raw === text && kind === 'unparsed'),
      JSON.stringify(text),
    );
  }
  await agent.stop();
});

scenario('S32 a finding that happens again is another record', async (t, pages) => {
  const scene = await setScene(t, { pages });
  const { clock, aws, siem, lake } = scene;
  const agent = await scene.start();
  const occurrence = (count: number): string => {
    const service = { count };
    const detail = { id: 'f', arn: 'arn:f', updatedAt: `2026-01-01T00:00:0${count}.000Z`, service };
    return JSON.stringify(enveloped(detail, { id: `occurrence ${count}` }));
  };

  for (const count of [1, 2]) {
    aws.logs.insert(HOME, GROUP, [{ timestamp: clock.now(), message: occurrence(count) }]);
    await clock.advance(2 * MINUTE_MS);
  }

  for (const each of [siem, lake]) assertDelivered(t, each, ['occurrence 1', 'occurrence 2']);
  t.equal(new Set(siem.records.map(({ key }) => key)).size, 2, 'under two keys');
  await agent.stop();
});

const GLOBEX = { id: 'globex', account: MEMBER, regions: [HOME.region] };

scenario(
  'S33 a finding that stands in the groups of administrator and member comes from both',
  async (t, pages) => {
    const scene = await setScene(t, { pages, customers: [ACME, GLOBEX] });
    const { clock, aws, siem, lake } = scene;
    for (const account of [ACCOUNT, MEMBER]) {
      const detail = { accountId: MEMBER, id: 'f', arn: 'arn:f', service: {} };
      const message = JSON.stringify(enveloped(detail, { id: `told to ${account}`, account }));
      aws.logs.insert({ ...HOME, account }, GROUP, [{ timestamp: clock.now(), message }]);
    }
    const agent = await scene.start();

    await clock.advance(2 * MINUTE_MS);

    for (const each of [siem, lake]) assertDelivered(t, each, [`told to ${ACCOUNT}`, `told to ${MEMBER}`]);
    const told = siem.records.toSorted((a, b) => String(a.customer).localeCompare(String(b.customer)));
    t.match(told, [
      { customer: 'acme', account: MEMBER, adminAccount: ACCOUNT },
      { customer: 'globex', account: MEMBER, adminAccount: undefined },
    ]);
    await agent.stop();
  },
);

scenario('S36 groups of one name in two customers, accounts and regions keep apart', async (t, pages) => {
  const regions = [HOME.region, 'us-east-1'];
  const customers = [ACME, GLOBEX].map((customer) => ({ ...customer, regions }));
  const scene = await setScene(t, { pages, customers });
  const { clock, siem, lake } = scene;
  const places = [ACCOUNT, MEMBER].flatMap((account) =>
    regions.map((region) => ({ ...HOME, account, region })),
  );
  const idsIn = ({ account, region }: typeof HOME): readonly string[] => idsOf(`${account}-${region}`, 5);
  for (const place of places) putFindings(scene, place, idsIn(place));
  const killed = await scene.start();
  await clock.advance(MINUTE_MS);

  const agent = await scene.start({ directory: await killed.kill() });
  await clock.advance(2 * MINUTE_MS);

  for (const each of [siem, lake]) {
    assertDelivered(t, each, places.flatMap(idsIn));
    t.equal(new Set(eventIdsAt(each)).size, 5, 'AWS gave the events of each group the same ids');
  }
  await agent.stop();
});

scenario('S40 what a destination does not want, or nobody can parse, holds no floor', async (t, pages) => {
  const scene = await setScene(t, { pages, siem: { filter: { kinds: ['finding'], minSeverity: 9 } } });
  const { clock, aws, siem, lake } = scene;
  const agent = await scene.start();
  const unparsable = idsOf('not JSON', 5);
  putFindings(scene, HOME, idsOf('mild', 5));
  aws.logs.insert(
    HOME,
    GROUP,
    unparsable.map((message) => ({ timestamp: clock.now(), message })),
  );
  await clock.advance(10 * SECOND_MS);

  putFindings(scene, HOME, ['last']);
  const lastAt = clock.now();
  await clock.advance(2 * MINUTE_MS);

  t.same(siem.ids, [], 'the filter held all of it back');
  assertDelivered(t, lake, [...idsOf('mild', 5), ...unparsable, 'last']);
  t.same(await agent.floors(), { siem: lastAt, lake: lastAt });
  await agent.stop();
});
