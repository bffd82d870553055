import t, { type Test } from 'tap';

import { readSecret } from '../../agent/config/secret.ts';
import { type Demo, openDemo } from '../../agent/demo/demo.ts';
import { BROKEN } from '../../agent/demo/scene.ts';
import { createStory } from '../../agent/demo/story.ts';
import type { SourceRow } from '../../agent/health/overview.ts';
import { networkRest } from '../support/network-rest.ts';
import { startAgent } from '../support/running-agent.ts';
import { createVirtualClock, finish } from '../support/virtual-clock.ts';

t.setTimeout(200_000);

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** The demo with its agent, in virtual time: a minute of it is a moment. */
interface Playing extends Demo {
  row(customer: string, region: string): SourceRow | undefined;
  /** Lets time pass until this holds; answers with the seconds that it took. */
  until(what: string, holds: () => boolean): Promise<number>;
}

/** Every second would be quick to look at, but slow to test. */
function unhurried(customer: Demo['config']['customers'][number]): typeof customer {
  return { ...customer, poll: { ...customer.poll, baseSeconds: 10, activeSeconds: 10 } };
}

async function playDemo(t: Test): Promise<Playing> {
  const clock = createVirtualClock(undefined, networkRest);
  const opening = openDemo({
    ...{ clock, version: '0.0.0', page: '127.0.0.1:0', signal: new AbortController().signal },
    told() {},
  });
  const demo = await finish(clock, opening);
  t.teardown(() => demo[Symbol.asyncDispose]());
  const config = { ...demo.config, customers: demo.config.customers.map(unhurried) };
  const agent = await startAgent(t, { ...demo, clock }, { config, owner: 'demo-1', readSecret });
  t.teardown(() => agent.stop());

  async function until(what: string, holds: () => boolean): Promise<number> {
    const begun = clock.now();
    while (!holds()) {
      if (clock.now() - begun > 10 * MINUTE_MS) throw new Error(`not within ten minutes: ${what}`);
      await clock.advance(5 * SECOND_MS);
    }
    return (clock.now() - begun) / SECOND_MS;
  }
  const row = (customer: string, region: string) =>
    agent.health().find((each) => each.customer === customer && each.region === region);
  const isProven = ({ state, region }: SourceRow): boolean =>
    region === BROKEN.region || state === 'quiet' || state === 'ok';
  await until('all but the region that is broken on purpose is proven', () => {
    const rows = agent.health();
    return rows.length > 0 && rows.every(isProven);
  });
  return { ...demo, row, until };
}

t.test('each fault of the demo shows with its cause in time, and its end by itself', async (t) => {
  const demo = await playDemo(t);
  const [silent, detector, lake, , list] = demo.faults;
  const isProven = (row: SourceRow | undefined): boolean => row?.state === 'ok' || row?.state === 'quiet';
  const cases = [
    { fault: silent, customer: 'acme', region: 'us-west-2', state: 'failing', code: 'LOG-003', within: 300 },
    {
      fault: detector,
      customer: 'initech',
      region: 'us-east-1',
      state: 'failing',
      code: 'GD-001',
      within: 60,
    },
    { fault: lake, customer: 'acme', region: 'us-east-1', state: 'blocked', code: 'DST-004', within: 60 },
  ];

  for (const { fault, customer, region, state, code, within } of cases) {
    const look = (): SourceRow | undefined => demo.row(customer, region);
    fault?.begin();
    demo.repeat(0);
    const shown = await demo.until(`${fault?.text} shows`, () => look()?.state === state);
    t.match(look(), { code });
    fault?.end();
    const mended = await demo.until(`${fault?.cure} shows`, () => isProven(look()));
    t.comment(`${fault?.text}: shown after ${shown} s, gone after ${mended} s`);
    t.ok(shown <= within && mended <= 120, `${shown} s, ${mended} s`);
  }
  const isTold = (): boolean => demo.siem.received.lake.some((line) => line.includes('UpdateIPSet'));
  list?.begin();
  t.ok((await demo.until('the change is in the SIEM', isTold)) <= 30, 'a changed list is told at once');
});

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
