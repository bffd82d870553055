import t, { type Test } from 'tap';

import type { SourceRow } from '../../agent/health/overview.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import { HOME } from '../support/local-aws.ts';
import { ACME, type RelayScene, setScene } from '../support/relay-scene.ts';
import { furnish, POLICY, putPolicy, putRules } from '../support/stack-contents.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

async function startScene(t: Test, plumbingMinutes = 15): Promise<RelayScene> {
  const scene = await setScene(t, { customers: [{ ...ACME, settings: { health: { plumbingMinutes } } }] });
  furnish(scene.aws, HOME);
  return scene;
}

function only([row]: readonly SourceRow[]): Partial<SourceRow> {
  return row ?? {};
}

function setDetector({ guardDuty }: LocalAws, enabled: boolean): void {
  const { id = '' } = guardDuty.detectors.find(HOME) ?? {};
  guardDuty.detectors.update(HOME, id, { enabled });
}

const FAULTS = [
  {
    name: 'a detector that is switched off',
    expected: { code: 'GD-001', reason: /detector is disabled/ },
    breaks: (aws: LocalAws) => setDetector(aws, false),
    mends: (aws: LocalAws) => setDetector(aws, true),
  },
  {
    name: 'a rule of the changes, through which no canary comes',
    expected: { code: 'EB-001', reason: /guardrelay-changes is DISABLED/ },
    breaks: (aws: LocalAws) => putRules(aws, HOME, 'DISABLED', 'guardrelay-changes'),
    mends: (aws: LocalAws) => putRules(aws, HOME, 'ENABLED', 'guardrelay-changes'),
  },
] as const;

for (const { name, expected, breaks, mends } of FAULTS) {
  t.test(`${name} is seen at the next look although heartbeats go on, and its end soon after`, async (t) => {
    const scene = await startScene(t);
    const agent = await scene.start();
    await scene.clock.advance(16 * MINUTE_MS);
    const before = only(agent.health());

    breaks(scene.aws);
    await scene.clock.advance(16 * MINUTE_MS);
    const broken = only(agent.health());
    mends(scene.aws);
    await scene.clock.advance(6 * MINUTE_MS + SECOND_MS);
    await agent.stop();

    t.match(before, { state: 'quiet' });
    t.match(broken, { state: 'failing', ...expected, since: Number });
    t.match(only(agent.health()), { state: 'quiet' });
  });
}

t.test('a heartbeat that is missed is looked into at once, before the source counts as silent', async (t) => {
  const scene = await startScene(t, 1_440);
  const agent = await scene.start();
  await scene.clock.advance(11 * MINUTE_MS);

  scene.aws.logs.policies(HOME).deleteForAccount(POLICY);
  await scene.clock.advance(14 * MINUTE_MS);
  const broken = only(agent.health());
  putPolicy(scene.aws, HOME);
  await scene.clock.advance(11 * MINUTE_MS);
  await agent.stop();

  t.match(broken, { state: 'failing', code: 'LOG-003' });
  t.match(only(agent.health()), { state: 'quiet' });
});

t.test('without the right to look nothing is claimed, and it is not tried again at once', async (t) => {
  const scene = await startScene(t);
  let looks = 0;
  const { take } = scene.aws.world.faults;
  const refusal = { kind: 'error', code: 'AccessDeniedException', message: 'not authorized' } as const;
  for (const operation of [
    'DescribeRule',
    'ListTargetsByRule',
    'DescribeResourcePolicies',
    'ListDetectors',
  ]) {
    scene.aws.world.faults.add({ operation, effect: refusal });
  }
  scene.aws.world.faults.take = (site, ...kinds) => {
    if (site.operation === 'ListDetectors' && kinds.some((kind) => kind === 'error')) looks += 1;
    return take(site, ...kinds);
  };
  const agent = await scene.start();

  await scene.clock.advance(40 * MINUTE_MS);
  await agent.stop();

  t.match(only(agent.health()), { state: 'quiet' });
  t.equal(looks, 1);
});
