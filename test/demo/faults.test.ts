import t, { type Test } from 'tap';

import { type AgentSession, openSession } from '../../agent/commands/session/agent-session.ts';
import { type Demo, openDemo } from '../../agent/demo/demo.ts';
import { BROKEN } from '../../agent/demo/scene.ts';
import { createStory } from '../../agent/demo/story.ts';
import type { SourceRow } from '../../agent/health/overview.ts';
import type { RelayEvent } from '../../agent/model/relay-event.ts';
import { channelOptions } from '../../agent/notify/channels/index.ts';
import { diskRest } from '../support/disk-rest.ts';
import { createVirtualClock, finish } from '../support/virtual-clock.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** The demo as users run it, with a channel to people, in virtual time: a minute of it is a moment. */
interface Playing extends Demo, Pick<AgentSession, 'view'> {
  /** What people were told of it, oldest first. */
  told(type: string): readonly RelayEvent[];
  /** What the SIEM was told of it. */
  noticed(type: string): readonly string[];
  /** Lets time pass until this holds; answers with the seconds that it took. */
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<number>;
}

/** Every second would be quick to look at, but slow to test. */
function unhurried(customer: Demo['config']['customers'][number]): typeof customer {
  return { ...customer, poll: { ...customer.poll, baseSeconds: 30, activeSeconds: 30 } };
}

function isGreen({ state }: SourceRow): boolean {
  return state === 'ok' || state === 'quiet';
}

async function playDemo(t: Test): Promise<Playing> {
  const clock = createVirtualClock(undefined, diskRest);
  const opening = openDemo({
    ...{ clock, version: '0.0.0', page: '127.0.0.1:0', signal: new AbortController().signal },
    told() {},
  });
  const demo = await finish(clock, opening);
  t.teardown(() => demo[Symbol.asyncDispose]());
  const people = await startWebhookReceiver(t);
  const soc = channelOptions.parse({ id: 'soc', type: 'webhook', url: people.url, insecureTransport: true });
  const config = { ...demo.config, customers: demo.config.customers.map(unhurried), notify: [soc] };
  const { view } = await startSession(t, { ...demo, config }, clock);

  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<number> {
    const begun = clock.now();
    while (!(await holds())) {
      if (clock.now() - begun > 10 * MINUTE_MS) throw new Error(`not within ten minutes: ${what}`);
      await clock.advance(15 * SECOND_MS);
    }
    return (clock.now() - begun) / SECOND_MS;
  }
  const rows = (): readonly SourceRow[] => view.overview().sources;
  await until('all but the region that is broken on purpose is proven', () => {
    return rows().length > 0 && rows().every((row) => row.region === BROKEN.region || isGreen(row));
  });
  const events = (): readonly RelayEvent[] => people.requests.map(({ text }) => JSON.parse(text));
  return {
    ...{ ...demo, view, until },
    told: (type) => events().filter((event) => event.type === type),
    noticed: (type) => demo.siem.received.lake.filter((line) => line.includes(`"${type}"`)),
  };
}

async function startSession(
  t: Test,
  demo: Demo,
  clock: ReturnType<typeof createVirtualClock>,
): Promise<AgentSession> {
  const session = await finish(clock, openSession({ ...demo, clock, once: false }));
  const stop = new AbortController();
  const running = session.run(stop.signal);
  t.teardown(async () => {
    stop.abort();
    await finish(clock, running);
    await finish(clock, Promise.resolve(session[Symbol.asyncDispose]()));
  });
  return session;
}

interface Seen {
  /** Its place among the demo's faults. */
  readonly fault: number;
  readonly code: string;
  /** What /metrics says while it lasts. */
  readonly metric: RegExp;
  readonly notice: string;
  readonly end: string;
}

const SEEN: readonly Seen[] = [
  {
    ...{ fault: 0, code: 'LOG-003', notice: 'plumbing.changed', end: 'plumbing.changed' },
    metric: /guardrelay_source_up\{customer="acme",account="\d+",region="us-west-2"\} 0/,
  },
  {
    ...{ fault: 1, code: 'GD-001', notice: 'detector.disabled', end: 'detector.disabled' },
    metric: /guardrelay_source_up\{customer="initech",account="\d+",region="us-east-1"\} 0/,
  },
  {
    ...{ fault: 2, code: 'DST-004', notice: 'destination.blocked', end: 'destination.recovered' },
    metric: /guardrelay_destination_up\{destination="lake"\} 0/,
  },
  {
    ...{ fault: 3, code: 'MEM-004', notice: 'member.resigned', end: 'member.resigned' },
    metric: /guardrelay_members\{customer="globex",status="resigned"\} 1/,
  },
];

t.test(
  'each fault of the demo shows in metrics, SIEM and one notice with what to do, and ends by itself',
  async (t) => {
    const demo = await playDemo(t);

    for (const { fault: at, code, metric, notice, end } of SEEN) {
      const fault = demo.faults[at];
      const measured = async (): Promise<boolean> => metric.test(await demo.view.metrics());
      const resolved = (): boolean => demo.told(end).some(({ action }) => action === 'resolve');

      fault?.begin();
      demo.repeat(0);
      const shown = await demo.until(`${notice} shows`, measured);
      const told = await demo.until(`people are told of ${notice}`, () => demo.told(notice).length > 0);
      fault?.end();
      const mended = await demo.until(`the end of ${notice} shows`, async () => !(await measured()));
      await demo.until(`people are told of ${end}`, resolved);
      await demo.until(`the SIEM has ${end}`, () =>
        demo.noticed(end).some((line) => line.includes('"resolve"')),
      );

      t.comment(`${fault?.text}: shown after ${shown} s, told ${told} s later, gone after ${mended} s`);
      t.ok(shown <= 180 && told <= 90 && mended <= 150, `${notice} in time`);
      const triggers = demo.told(notice).filter(({ action }) => action === 'trigger');
      t.match(triggers, [{ code, command: /^guardrelay / }], 'one notice for one cause, with what to do');
      t.not(demo.noticed(notice).length, 0, 'and the SIEM has it');
    }
  },
);

t.test(
  'a list of trusted addresses that is changed in the demo is told at once to people and SIEM',
  async (t) => {
    const demo = await playDemo(t);

    demo.faults[4]?.begin();
    const told = await demo.until('people are told', () => demo.told('config-change').length > 0);
    const known = () => demo.siem.received.lake.some((line) => line.includes('UpdateIPSet'));
    await demo.until('the SIEM has it', known);

    t.ok(told <= 120, `${told} s: two polls, and the minute in which others may join`);
    t.match(demo.told('config-change'), [{ severity: 'high', title: /trusted/i }]);
    t.match(
      await demo.view.metrics(),
      /guardrelay_config_changes_total\{customer="acme",severity="high"\} 1/,
    );
  },
);

t.test('the story begins one fault after the other, ends each, and stops when somebody takes over', (t) => {
  const happened: string[] = [];
  const fault = (name: string, cure?: string) => ({
    ...{
      text: `${name} breaks`,
      begin: () => happened.push(`${name} on`),
      end: () => happened.push(`${name} off`),
    },
    ...(cure === undefined ? {} : { cure }),
  });
  const story = createStory(
    [fault('one', 'one is mended'), fault('two'), fault('three', 'three is mended')],
    0,
  );

  const told = [0, 19, 20, 169, 170, 259, 260, 349, 350].map((second) => story.tick(second * SECOND_MS));
  const first = story.turn(0);
  const ended = story.turn(2);
  const later = story.tick(10_000 * SECOND_MS);

  t.strictSame(told, [
    ...[undefined, undefined, 'one breaks', undefined, 'one is mended', undefined, 'two breaks'],
    ...[undefined, 'three breaks'],
  ]);
  t.strictSame([first, ended, later], ['one breaks', 'three is mended', undefined]);
  t.strictSame(happened, ['one on', 'one off', 'two on', 'three on', 'one on', 'three off']);
  t.strictSame(story.turn(7), undefined, 'a key that means nothing');
  t.end();
});
