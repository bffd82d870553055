import t from 'tap';
import { firstGroupCheckMs } from '../../agent/relay/group-check.ts';
import { firstPosition, firstState } from '../../agent/tail/first-contact.ts';
import { HOME } from '../support/local-aws.ts';
import { GROUP, setScene } from '../support/relay-scene.ts';
import { assertDelivered } from '../support/test-siem.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const LAST_READ_AT = Date.UTC(2026, 10, 1);

function saved(floor = LAST_READ_AT) {
  const group = { kind: 'group', creationTime: 0, serviceNow: LAST_READ_AT } as const;
  const born = LAST_READ_AT - 30 * DAY_MS;
  const state = {
    ...firstState('s', group, { born, sweeps: [] }),
    lastReadAt: LAST_READ_AT,
    highWater: LAST_READ_AT,
  };
  return { state, positions: [{ ...firstPosition(state, { destination: 'd', bit: 0, born }), floor }] };
}

const half = (): number => 0.5;

t.test('after a restart the looks at the log groups are spread over an hour', async (t) => {
  t.equal(firstGroupCheckMs(saved(), LAST_READ_AT + MINUTE_MS, half), 30 * MINUTE_MS);
  t.equal(
    firstGroupCheckMs(saved(), LAST_READ_AT + MINUTE_MS, () => 0),
    0,
  );
});

t.test('where events may have expired, the group is looked at before it is read', async (t) => {
  const nextDay = LAST_READ_AT + DAY_MS;

  t.equal(firstGroupCheckMs(saved(), nextDay, half), 0, 'nothing was read for a day');
  t.equal(
    firstGroupCheckMs(saved(LAST_READ_AT - DAY_MS), LAST_READ_AT, half),
    0,
    'a destination is a day behind',
  );
  t.equal(firstGroupCheckMs(saved(), LAST_READ_AT - 1, half), 0, 'the clock cannot tell');
});

t.test('a log group that is made anew between two polls is noticed while the agent runs', async (t) => {
  const scene = await setScene(t);
  const { clock, aws, siem, lake } = scene;
  const groups = aws.logs.groups(HOME);
  const times = { timestamp: clock.now(), ingestionTime: clock.now() };
  aws.logs.insert(HOME, GROUP, [{ ...times, message: 'of the old group' }]);
  const agent = await scene.start();
  await clock.advance(5 * MINUTE_MS);

  groups.delete(GROUP);
  groups.create({ name: GROUP });
  // The emulator gives it the id that hides it.
  aws.logs.insert(HOME, GROUP, [{ ...times, message: 'of the new group' }]);
  await clock.advance(95 * MINUTE_MS);

  for (const each of [siem, lake]) assertDelivered(t, each, ['of the old group', 'of the new group']);
  await agent.stop();
});
