import t from 'tap';
import type { LogFields } from '../../agent/model/logger.ts';
import type { Position, SourceState } from '../../agent/model/position.ts';
import { gapKey, gapNotice, gapOf } from '../../agent/relay/gap.ts';
import { tellRisks } from '../../agent/relay/retention-alarm.ts';
import { createSourceMemory } from '../../agent/relay/source-memory.ts';
import { HOME } from '../support/local-aws.ts';
import { SOURCE } from '../support/log-events.ts';
import { ACME, GROUP, putFindings, setScene } from '../support/relay-scene.ts';
import { scenario } from '../support/scenario.ts';
import { assertDelivered } from '../support/test-siem.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOW = 100 * DAY;

const position: Position = {
  ...{ source: 's', destination: 'siem', bit: 0, born: 0, grade: 'accepted', updatedAt: 0 },
  floor: 90 * DAY,
  mode: 'joined',
};
const state: SourceState = {
  source: 's',
  generation: 1,
  highWater: 90 * DAY,
  lastReadAt: 99 * DAY,
  sweeps: [],
};

const rows = [
  { name: 'quiet for long, but read yesterday', position, state, gap: undefined },
  {
    name: 'not read since the retention passed',
    position,
    state: { ...state, lastReadAt: 95 * DAY },
    gap: 95,
  },
  {
    name: 'an event was not finished, and has expired',
    position: { ...position, floor: 80 * DAY },
    state,
    gap: 80,
  },
  { name: 'behind for longer than the retention', position: { ...position, mode: 'behind' }, state, gap: 90 },
  {
    name: 'behind, within the retention',
    position: { ...position, mode: 'behind', floor: 98 * DAY },
    state,
    gap: undefined,
  },
  {
    name: 'never read: nothing was promised',
    position,
    state: { ...state, lastReadAt: 0 },
    gap: undefined,
  },
] as const;

for (const { name, gap, ...known } of rows) {
  t.test(`${name}: ${gap === undefined ? 'no gap' : `a gap from day ${gap} to day 97`}`, async (t) => {
    const found = gapOf(known.position, known.state, { serviceNow: NOW, retentionDays: 3 });

    const expected = gap === undefined ? undefined : { destination: 'siem', from: gap * DAY, to: 97 * DAY };
    t.same(found, expected);
  });
}

t.test('a group that keeps its events for ever has no gaps', async (t) => {
  const old = { ...state, lastReadAt: 1 };

  t.equal(gapOf(position, old, { serviceNow: NOW }), undefined);
});

t.test('the notice names the span, the group and the destination, under one id per gap', async (t) => {
  const source = {
    customer: 'acme',
    account: '111111111111',
    region: 'eu-west-1',
    partition: 'aws',
    logGroup: '/g',
  };
  const gap = { destination: 'siem', from: 0, to: DAY };

  const notice = gapNotice(gap, source, NOW);

  t.match(notice, {
    type: 'source.gap',
    severity: 'critical',
    code: 'SRC-003',
    destination: 'siem',
    accounts: [{ id: '111111111111' }],
    details: { from: '1970-01-01T00:00:00.000Z', to: '1970-01-02T00:00:00.000Z', logGroup: '/g' },
  });
  t.equal(
    gapNotice({ ...gap, to: 2 * DAY }, source, NOW + 1).id,
    notice.id,
    'a gap that grows stays the same',
  );
  t.notSame(gapKey({ ...gap, from: 1 }), gapKey(gap));
});

scenario('S27 a destination is down for longer than the retention', async (t, pages) => {
  const settings = { heartbeat: { mode: 'off' }, poll: { activeSeconds: 60 } };
  const scene = await setScene(t, { pages, customers: [{ ...ACME, settings }] });
  const { clock, aws, siem, lake } = scene;
  aws.logs.groups(HOME).create({ name: GROUP, retentionInDays: 1 });
  const writtenAt: Record<string, number> = {};
  const put = (id: string): void => {
    writtenAt[id] = clock.now();
    putFindings(scene, HOME, [id]);
  };

  siem.isDown = true;
  const statesWhileDown: string[] = [];
  for (const id of ['first', 'second', 'third']) {
    const agent = await scene.start();
    put(id);
    await clock.advance(6 * MINUTE);
    statesWhileDown.push(...agent.health().map(({ state, code }) => `${state} ${code}`));
    await agent.stop();
    // The agent is never off for as long as the log group keeps its events.
    clock.jump(DAY / 2);
  }
  siem.isDown = false;
  const agent = await scene.start();
  put('last');
  const rowsAfterwards = [];
  for (let minute = 0; minute < 3; minute += 1) {
    await clock.advance(MINUTE);
    rowsAfterwards.push(...agent.health());
  }

  assertDelivered(t, lake, ['first', 'second', 'third', 'last']);
  const [notice, ...findings] = siem.records;
  t.same(
    findings.map(({ id }) => id),
    ['third', 'last'],
    'what the log group still has',
  );
  const { first, second = 0, last = 0 } = writtenAt;
  const span = { from: isoTime(first), to: isoTime(last - DAY) };
  t.match(notice, { kind: 'notice', type: 'source.gap', notice: { destination: 'siem' } });
  t.match(notice, { notice: { details: { ...span, logGroup: GROUP } } });
  t.ok(second < last - DAY, 'and what is missing lies in the span');
  // After half a day of one day's retention it is told that time runs out.
  t.same(statesWhileDown, ['blocked DST-005', 'blocked SRC-005', 'failing SRC-003']);
  t.equal(rowsAfterwards.length, 3);
  for (const row of rowsAfterwards) t.match(row, { state: 'failing', code: 'SRC-003' });
  await agent.stop();
});

t.test(
  'the log tells once when events come close to their end, and once when they no longer do',
  async (t) => {
    const clock = createVirtualClock(NOW);
    const logged: unknown[] = [];
    const log =
      (level: string) =>
      (_: string, fields: LogFields = {}) => {
        logged.push([level, fields.destination, fields.expiresAt, fields.fix]);
      };
    const memory = createSourceMemory(undefined, 0);
    const look = (oldestWaitingAt: number): void => {
      const lake = { grade: 'accepted', mode: 'behind', waiting: 0, quarantined: 0 } as const;
      const destinations = { siem: { ...lake, oldestWaitingAt }, lake };
      memory.facts = { ...memory.facts, lastReadAt: clock.now(), retentionDays: 10, destinations };
      tellRisks({
        ...{
          memory,
          clock,
          lease: { source: 's', spec: SOURCE },
          destinations: new Map([
            ['siem', 0],
            ['lake', 0],
          ]),
        },
        logger: { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') },
      });
    };

    for (const days of [4, 6, 7, 9, 9.5, 0]) for (const _ of [1, 2]) look(NOW - days * DAY);

    const fix =
      'aws logs put-retention-policy --log-group-name /aws/events/guardrelay --retention-in-days 30 --region eu-west-1';
    t.same(logged, [
      ['warn', 'siem', isoTime(NOW + 4 * DAY), fix],
      ['error', 'siem', isoTime(NOW + DAY), fix],
      ['info', 'siem', undefined, undefined],
    ]);
  },
);

function isoTime(at = 0): string {
  return new Date(at).toISOString();
}

scenario('S28 a group is deleted before a destination had everything', async (t, pages) => {
  const scene = await setScene(t, {
    pages,
    customers: [{ ...ACME, settings: { heartbeat: { mode: 'off' } } }],
  });
  const { clock, aws, siem, lake } = scene;
  const groups = aws.logs.groups(HOME);
  groups.create({ name: GROUP });
  siem.isDown = true;
  const agent = await scene.start();
  await clock.advance(2 * MINUTE);
  const writtenAt = clock.now();
  putFindings(scene, HOME, ['old']);
  await clock.advance(7 * MINUTE);
  await agent.stop();

  groups.delete(GROUP);
  groups.create({ name: GROUP });
  siem.isDown = false;
  const next = await scene.start();
  await clock.advance(2 * MINUTE);
  putFindings(scene, HOME, ['new']);
  await clock.advance(65 * MINUTE);

  assertDelivered(t, lake, ['old', 'new'], 1);
  t.match(
    siem.records.find(({ kind }) => kind === 'notice'),
    {
      type: 'source.gap',
      notice: { likely: /deleted and made anew/, details: { from: isoTime(writtenAt) } },
    },
  );
  t.ok(siem.ids.includes('new'));
  t.match(next.health(), [{ state: 'failing', code: 'SRC-003' }]);
  await next.stop();
});
