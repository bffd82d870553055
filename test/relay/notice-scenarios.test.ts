import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import type { LocalAws } from '../../agent/localaws/server.ts';
import type { RelayEvent } from '../../agent/model/relay-event.ts';
import { HOME } from '../support/local-aws.ts';
import { ACME, GROUP, type RelayScene, type SceneCustomer, setScene } from '../support/relay-scene.ts';
import { furnish, putTargets, removeTargets } from '../support/stack-contents.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

interface NoticeScene extends RelayScene {
  readonly channel: WebhookReceiver;
  /** What people were told, without the comings and goings of the agent. */
  told(): readonly RelayEvent[];
  /** What the SIEMs of customers were told. */
  readonly noticed: RelayEvent[];
}

async function setNoticeScene(t: Test, customers: readonly SceneCustomer[]): Promise<NoticeScene> {
  const channel = await startWebhookReceiver(t);
  const notify = [{ id: 'soc', type: 'webhook', url: channel.url, insecureTransport: true }];
  // Reading seldom saves most of the time that the scenes take.
  const poll = { baseSeconds: 60, activeSeconds: 60 };
  const slow = customers.map((each) => ({ ...each, settings: { poll, ...each.settings } }));
  const scene = await setScene(t, { customers: slow, notify });
  const told = (): readonly RelayEvent[] => channel.requests.map(({ text }) => JSON.parse(text));
  return { ...scene, channel, told, noticed: [] };
}

/** `type action` of each. */
function namesOf(events: readonly RelayEvent[]): readonly string[] {
  return events.map(({ type, action }) => `${type} ${action}`);
}

function setDetector({ guardDuty }: LocalAws, enabled: boolean): void {
  const { id = '' } = guardDuty.detectors.find(HOME) ?? {};
  guardDuty.detectors.update(HOME, id, { enabled });
}

interface Fault {
  readonly name: string;
  readonly settings: object;
  breaks(scene: NoticeScene): void;
  mends(scene: NoticeScene): void;
  /** Until people must know, and until they must know that it is over. */
  readonly toldMs: number;
  readonly overMs: number;
  readonly begin: object;
  readonly end: string;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a region that falls silent',
    settings: {},
    breaks: ({ aws }) => removeTargets(aws, HOME),
    mends: ({ aws }) => putTargets(aws, HOME),
    toldMs: 24 * MINUTE_MS,
    overMs: 8 * MINUTE_MS,
    begin: {
      ...{ type: 'source.silent', severity: 'critical', code: 'SRC-001' },
      title: 'acme: eu-central-1 is silent: heartbeat missing',
      command: 'guardrelay doctor --customer acme --region eu-central-1',
    },
    end: 'source.recovered resolve',
  },
  {
    name: 'a detector that is switched off',
    settings: { health: { plumbingMinutes: 15 } },
    breaks: ({ aws }) => setDetector(aws, false),
    mends: ({ aws }) => setDetector(aws, true),
    toldMs: 18 * MINUTE_MS,
    overMs: 8 * MINUTE_MS,
    begin: {
      ...{ type: 'detector.disabled', severity: 'critical', code: 'GD-001' },
      title: /^acme: GuardDuty is switched off in eu-central-1: .*disabled/,
      command: 'guardrelay doctor --customer acme --region eu-central-1 --fix',
    },
    end: 'detector.disabled resolve',
  },
  {
    name: 'a SIEM that takes nothing',
    settings: {},
    breaks(scene) {
      scene.siem.isDown = true;
      putChange(scene, 'e-1', 'ListDetectors');
    },
    mends: ({ siem }) => {
      siem.isDown = false;
    },
    toldMs: 8 * MINUTE_MS,
    overMs: 8 * MINUTE_MS,
    begin: {
      ...{ type: 'destination.blocked', severity: 'critical', destination: 'siem' },
      title: /^acme: destination siem takes no records: .*503/,
      command: 'guardrelay destinations test siem',
    },
    end: 'destination.recovered resolve',
  },
];

for (const { name, settings, breaks, mends, toldMs, overMs, begin, end } of FAULTS) {
  t.test(`${name} is one notice with the fix in it, also over a restart, and one end`, async (t) => {
    const scene = await setNoticeScene(t, [{ ...ACME, settings }]);
    const { clock, aws, told, noticed } = scene;
    furnish(aws, HOME);
    const first = await scene.start({ noticed: (event) => noticed.push(event) });
    await clock.advance(10 * MINUTE_MS);
    const before = namesOf(told());

    breaks(scene);
    await clock.advance(toldMs);
    const broken = told();
    await first.stop();
    await clock.advance(5 * MINUTE_MS);
    const second = await scene.start({ noticed: (event) => noticed.push(event) });
    await clock.advance(5 * MINUTE_MS);
    const afterRestart = namesOf(told());
    mends(scene);
    await clock.advance(overMs);
    await second.stop();

    t.same(before, []);
    t.equal(broken.length, 1);
    t.match(broken[0], { action: 'trigger', customer: { id: 'acme' }, ...begin });
    t.equal(afterRestart.length, 1, 'a restart repeats nothing');
    t.same(namesOf(told()).slice(1), [end]);
    t.equal(told()[1]?.key, told()[0]?.key);
    t.same(namesOf(noticed), namesOf(told()), 'the SIEM is told the same');
    t.ok(existsSync(join(scene.directory, 'notices.db')));
  });
}

/** A call to GuardDuty, as CloudTrail and EventBridge bring it. */
function putChange({ aws, clock }: RelayScene, eventID: string, eventName = 'UpdateIPSet'): void {
  const { account, region } = HOME;
  const detail = {
    ...{
      eventVersion: '1.08',
      eventSource: 'guardduty.amazonaws.com',
      eventName,
      eventID,
      awsRegion: region,
    },
    userIdentity: { type: 'IAMUser', userName: 'bob', arn: `arn:aws:iam::${account}:user/bob` },
    ...{ sourceIPAddress: '203.0.113.7', requestParameters: { ipSetId: 'office', activate: true } },
  };
  const message = JSON.stringify({
    ...{ version: '0', id: eventID, 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.guardduty' },
    ...{ account, region, time: new Date(clock.now()).toISOString(), detail },
  });
  aws.logs.insert(HOME, GROUP, [{ timestamp: clock.now(), message }]);
}

t.test(
  'a trusted list that changes is told once, with who did it, and a kill in between forgets nothing',
  async (t) => {
    const scene = await setNoticeScene(t, [ACME]);
    furnish(scene.aws, HOME);
    const first = await scene.start();
    await scene.clock.advance(10 * MINUTE_MS);

    putChange(scene, 'e-1');
    await scene.clock.advance(40 * SECOND_MS);
    const early = namesOf(scene.told());
    const directory = await first.kill();
    const second = await scene.start({ directory });
    await scene.clock.advance(10 * MINUTE_MS);
    await second.stop();

    t.same(early, [], 'it waits for others like it');
    t.match(scene.told(), [
      {
        ...{ type: 'config-change', action: 'notice', severity: 'high', code: 'UpdateIPSet' },
        title: /^acme \/ \d{12} \/ eu-central-1: .*bob.*trusted list office/,
        details: { actor: 'bob', eventId: 'e-1' },
      },
    ]);
    t.equal(scene.told().length, 1);
  },
);

t.test('customers that fail at once are one message for the agent', async (t) => {
  const customers = Array.from({ length: 10 }, (_, at) => ({
    ...{ id: `customer-${at}`, account: String(200_000_000_000 + at), regions: [HOME.region] },
    settings: { health: { silentAfterMissed: 1 } },
  }));
  const scene = await setNoticeScene(t, customers);
  const { clock, aws, told } = scene;
  for (const { account } of customers) furnish(aws, { ...HOME, account });
  const agent = await scene.start();
  await clock.advance(6 * MINUTE_MS);

  for (const { account } of customers) removeTargets(aws, { ...HOME, account });
  await clock.advance(14 * MINUTE_MS);
  const broken = told();
  for (const { account } of customers) putTargets(aws, { ...HOME, account });
  await clock.advance(8 * MINUTE_MS);
  await agent.stop();

  t.match(broken, [{ type: 'agent.many-sources', action: 'trigger', command: 'guardrelay doctor' }]);
  t.equal(broken.length, 1);
  t.same(namesOf(told()).slice(1), ['agent.many-sources resolve']);
});
