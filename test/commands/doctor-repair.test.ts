import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';

import { cure, type Proposal, proposals } from '../../agent/commands/doctor/cure.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Keys } from '../../agent/localaws/world.ts';
import { clientsOf } from '../support/aws-clients.ts';
import { startCheckedWorld } from '../support/checked-world.ts';
import { runCli } from '../support/cli.ts';
import { placeIn, startDoctorScene } from '../support/doctor-scene.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { finish } from '../support/virtual-clock.ts';

const REGIONS = ['us-east-1', 'eu-west-1', 'eu-central-1'];
const GROUP = '/aws/events/guardrelay';
const FINDINGS = 'guardrelay-findings';
const CHANGES = 'guardrelay-changes';
const HEARTBEAT = 'guardrelay-heartbeat';

/** What --fix may touch in a region, as it is now. */
function standing({ events, logs, guardDuty }: LocalAws, region: string): string {
  const place = placeIn(region);
  const rules = [FINDINGS, CHANGES, HEARTBEAT].map((name) => {
    const { targets, ...rule } = events.rules(place).get(name);
    return { ...rule, targets: [...targets.values()] };
  });
  const policies = logs
    .policies(place)
    .list()
    .map(({ policyName, policyDocument }) => [policyName, JSON.parse(policyDocument)]);
  const { retentionInDays } = logs.groups(place).get(GROUP);
  return JSON.stringify({ rules, policies, retentionInDays, detector: guardDuty.detectors.find(place) });
}

/** One fault of each kind that --fix repairs without more ado. */
function breakAll(aws: LocalAws): void {
  const [first, second, third] = [placeIn('us-east-1'), placeIn('eu-west-1'), placeIn('eu-central-1')];
  for (const place of [first, second]) {
    const rules = aws.events.rules(place);
    rules.put({ ...rules.get(FINDINGS), state: 'DISABLED' });
  }
  aws.events
    .rules(first)
    .put({ ...aws.events.rules(first).get(CHANGES), eventPattern: '{"source":["aws.guardduty"]}' });
  aws.events.rules(second).removeTargets(HEARTBEAT, ['logs']);
  aws.events
    .rules(third)
    .put({ ...aws.events.rules(third).get(HEARTBEAT), scheduleExpression: 'rate(1 day)' });
  aws.logs.groups(third).retain(GROUP, 7);
  aws.logs.policies(first).deleteForAccount('guardrelay-events');
}

function otherGroup(region: string): string {
  return `arn:aws:logs:${region}:${ACCOUNT}:log-group:/other`;
}

async function profileOf(
  cwd: string,
  { accessKeyId, secretAccessKey }: Keys,
): Promise<Readonly<Record<string, string>>> {
  const file = join(cwd, 'credentials');
  await writeFile(
    file,
    `[boss]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`,
  );
  return { AWS_SHARED_CREDENTIALS_FILE: file };
}

t.test('--fix --yes makes all as the template made it, and a second time finds nothing to do', async (t) => {
  const scene = await startDoctorScene(t, REGIONS);
  const before = REGIONS.map((region) => standing(scene.aws, region));
  breakAll(scene.aws);
  const deployer = scene.aws.world.principals.addUser(ACCOUNT, 'deployer');
  const env = { ...scene.env, ...(await profileOf(scene.cwd, deployer)) };
  const doctor = (...args: readonly string[]) => runCli(['doctor', ...args], { cwd: scene.cwd, env });

  const ill = await scene.doctor('--only', 'EB,LOG');
  const fixed = await doctor('--only', 'EB,LOG', '--fix', '--yes', '--profile', 'boss', '--json');
  const again = await doctor('--only', 'EB,LOG', '--fix', '--yes', '--profile', 'boss', '-o', 'table');

  t.equal(ill.code, 4);
  t.equal(fixed.code, 0, fixed.stderr);
  t.same(
    REGIONS.map((region) => standing(scene.aws, region)),
    before,
    'nothing else has changed either',
  );
  const { fixes } = JSON.parse(fixed.stdout).summary;
  t.same(
    new Set(
      fixes.map(({ outcome, isOk }: { outcome: object; isOk: boolean }) => JSON.stringify([outcome, isOk])),
    ),
    new Set([JSON.stringify([{ kind: 'applied' }, true])]),
  );
  t.match(
    fixed.stderr,
    /^fix 1\/6 EB-001: enable rule guardrelay-findings\n +in +111122223333: us-east-1 eu-west-1\n +needs events:EnableRule$/m,
    'one question for two regions',
  );
  t.match(
    fixed.stderr,
    / ✔ LOG-002 {2}let log group \/aws\/events\/guardrelay keep events for 30 days: done, the check passes/,
  );
  t.equal(again.code, 0, again.stderr);
  t.match(again.stdout, /^Nothing here that doctor can repair by itself\.$/m);
});

t.test('what costs money is not done by --yes alone', async (t) => {
  const scene = await startDoctorScene(t, ['us-east-1']);
  const { detectors } = scene.aws.guardDuty;
  const place = placeIn('us-east-1');
  const detector = detectors.find(place);
  if (!detector) throw new Error('no detector');
  detectors.delete(place, detector.id);
  const deployer = scene.aws.world.principals.addUser(ACCOUNT, 'deployer');
  const { cwd } = scene;
  const env = { ...scene.env, ...(await profileOf(cwd, deployer)) };

  const ran = await runCli(['doctor', '--only', 'GD', '--fix', '--yes', '--profile', 'boss'], { cwd, env });

  t.equal(ran.code, 4);
  t.match(ran.stderr, /note {2}GuardDuty costs money/);
  t.match(ran.stderr, /Not done: --yes does not agree to this/);
  t.match(ran.stderr, / · GD-001 {3}switch GuardDuty on: not done/);
  t.equal(detectors.find(place), undefined);
});

t.test('in an account of others nothing is changed, and the command is printed', async (t) => {
  const scene = await startDoctorScene(t, ['us-east-1']);
  const rules = scene.aws.events.rules(placeIn('us-east-1'));
  rules.put({ ...rules.get(FINDINGS), state: 'DISABLED' });

  const ran = await scene.doctor('--only', 'EB-001', '--fix', '--yes');

  t.equal(ran.code, 4);
  t.match(
    ran.stderr,
    /enable rule guardrelay-findings: not done: these credentials are of account\s+999999999999/,
  );
  t.match(ran.stderr, /run {3}aws events enable-rule --name guardrelay-findings --region us-east-1/);
  t.equal(rules.get(FINDINGS).state, 'DISABLED');
});

t.test('a refusal names the action and the resource, and stops no other repair', async (t) => {
  const scene = await startDoctorScene(t, ['us-east-1']);
  const place = placeIn('us-east-1');
  scene.aws.logs.groups(place).retain(GROUP, 7);
  const rules = scene.aws.events.rules(place);
  rules.put({ ...rules.get(FINDINGS), state: 'DISABLED' });
  const effect = { kind: 'error', code: 'AccessDeniedException', message: 'not you' } as const;
  scene.aws.world.faults.add({ operation: 'PutRetentionPolicy', effect });
  const { cwd } = scene;
  const deployer = scene.aws.world.principals.addUser(ACCOUNT, 'deployer');
  const env = { ...scene.env, ...(await profileOf(cwd, deployer)) };

  const ran = await runCli(['doctor', '--only', 'EB-001,LOG-002', '--fix', '--yes', '--profile', 'boss'], {
    cwd,
    env,
  });

  t.match(ran.stderr, / ✖ LOG-002 [^✖]*: AWS refuses this call/);
  t.match(
    ran.stderr,
    /needs logs:PutRetentionPolicy on arn:aws:logs:us-east-1:111122223333:log-group:\/aws\/events\/guardrelay\n/,
  );
  t.equal(rules.get(FINDINGS).state, 'ENABLED');
});

t.test(
  'one question for the same repair in many regions, what is safe first, and no step after one that was declined',
  async (t) => {
    const world = await startCheckedWorld(t, REGIONS);
    for (const region of REGIONS) {
      const rules = world.aws.events.rules(placeIn(region));
      rules.removeTargets(FINDINGS, ['logs']);
      rules.addTargets(FINDINGS, [{ Id: 'other', Arn: otherGroup(region) }]);
    }
    const seen = await world.examine({ only: ['EB-002'] });
    const clients = clientsOf(t, world);
    const { signal } = new AbortController();
    const asked: Proposal[] = [];
    const answering = (answer: boolean) => ({
      ...{ clients, signal, profile: undefined },
      async agree(proposal: Proposal) {
        asked.push(proposal);
        return answer;
      },
    });

    const declined = await finish(world.clock, cure(proposals(seen), answering(false)));
    const applied = await finish(world.clock, cure(proposals(seen), answering(true)));
    const sound = await world.examine({ only: ['EB-002'] });

    t.match(
      asked.map(({ description, caution }) => ({ description, caution })),
      [
        { description: 'let rule guardrelay-findings send its events to the log group', caution: undefined },
        { description: 'let rule guardrelay-findings send its events to the log group', caution: undefined },
        {
          description: 'take the targets other away from rule guardrelay-findings',
          caution: /count on them/,
        },
      ],
    );
    t.same(
      asked.map(({ steps }) => steps.length),
      [3, 3, 3],
    );
    t.same(
      declined.map(({ outcome }) => outcome.kind),
      [...Array(3).fill('declined'), ...Array(3).fill('untouched')],
    );
    t.same(
      applied.map(({ outcome }) => outcome.kind),
      Array(6).fill('applied'),
    );
    t.ok(sound.rows.every(({ result }) => result.kind === 'passed'));
  },
);
