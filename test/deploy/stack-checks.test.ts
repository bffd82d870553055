import {
  CreateStackCommand,
  type CreateStackInput,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import t from 'tap';

import type { CheckResult } from '../../agent/deploy/checks/check.ts';
import type { ErrorCode } from '../../agent/model/error.ts';
import { type CheckedWorld, resultsIn, startCheckedWorld } from '../support/checked-world.ts';
import { collector } from '../support/deployment.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { REGIONAL } from '../support/templates.ts';

const SOUND = 'us-east-1';
const STACK_CODES = ['CFN-002', 'CFN-003', 'CFN-004', 'CFN-005'] as const;
const BUILDING_MS = 5_000;

function rulesIn({ aws }: CheckedWorld, region: string) {
  return aws.events.rules({ account: ACCOUNT, region, partition: 'aws' });
}

/** Makes a plain stack of this release in one more region. */
async function addStack(world: CheckedWorld, region: string, input: Partial<CreateStackInput> = {}) {
  const { tags } = await collector();
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const made = { StackName: 'guardrelay', TemplateBody: REGIONAL, Tags, ...input };
  await world.client(region).send(new CreateStackCommand(made));
  await world.clock.advance(BUILDING_MS);
}

/** A rule of somebody else stands where the stack wants to make its own. */
function occupy(world: CheckedWorld, region: string, name: string): void {
  rulesIn(world, region).put({ name, eventPattern: '{"source":["mine"]}' });
}

interface StackTrouble {
  readonly name: string;
  readonly region: string;
  breaks(world: CheckedWorld, region: string): Promise<unknown>;
  /** What does not pass. */
  readonly results: Partial<Record<(typeof STACK_CODES)[number], object>>;
}

const TROUBLES: readonly StackTrouble[] = [
  {
    name: 'D25 a stack that CloudFormation changes no more',
    region: 'eu-west-1',
    async breaks(world, region) {
      occupy(world, region, 'guardrelay-heartbeat');
      await addStack(world, region, { OnFailure: 'DO_NOTHING' });
    },
    results: {
      'CFN-002': {
        kind: 'failed',
        code: 'CFN-002',
        found: /^stack guardrelay is CREATE_FAILED: .*HeartbeatRule/,
        fix: /docs\/errors\/CFN-002\.md/,
      },
      'CFN-003': { kind: 'skipped', why: 'stack guardrelay is CREATE_FAILED (CFN-002)' },
    },
  },
  {
    name: 'D25 a change that failed and was undone',
    region: 'eu-west-2',
    async breaks(world, region) {
      await addStack(world, region);
      occupy(world, region, 'other-findings');
      const Parameters = [{ ParameterKey: 'Prefix', ParameterValue: 'other' }];
      const input = { StackName: 'guardrelay', UsePreviousTemplate: true, Parameters };
      await world.client(region).send(new UpdateStackCommand(input));
      await world.clock.advance(BUILDING_MS);
    },
    results: {
      'CFN-003': {
        kind: 'failed',
        code: 'CFN-003',
        found: /^the last change of stack guardrelay failed and was undone/,
        fix: 'guardrelay update --customer acme',
      },
    },
  },
  {
    name: 'D25 a stack of another release',
    region: 'eu-west-3',
    breaks: (world, region) => addStack(world, region, { Tags: [{ Key: 'guardrelay:version', Value: '0' }] }),
    results: {
      'CFN-004': {
        kind: 'warned',
        code: 'CFN-004',
        found: 'the stack is of another release or configuration',
        fix: 'guardrelay update --customer acme',
      },
    },
  },
  {
    name: 'D25 a stack that was found to have drifted',
    region: 'eu-central-1',
    async breaks(world, region) {
      await addStack(world, region);
      world.aws.logs
        .groups({ account: ACCOUNT, region, partition: 'aws' })
        .retain('/aws/events/guardrelay', 60);
      await world.drift({ mode: 'stack', targets: [{ account: ACCOUNT, region }] });
    },
    results: {
      'CFN-005': {
        kind: 'warned',
        code: 'CFN-005',
        found: 'somebody has changed what stack guardrelay made, as CloudFormation saw on 2026-01-01',
        fix: 'guardrelay drift --detect --customer acme',
      },
    },
  },
  {
    name: 'a stack that could not be compared',
    region: 'ca-central-1',
    async breaks(world, region) {
      await addStack(world, region);
      const effect = { kind: 'error', code: 'AccessDenied', message: 'no' } as const;
      world.aws.world.faults.add({ operation: 'ReadResource', region, effect });
      await world.drift({ mode: 'stack', targets: [{ account: ACCOUNT, region }] });
    },
    results: {
      'CFN-005': { kind: 'skipped', why: 'CloudFormation could not compare all of the stack on 2026-01-01' },
    },
  },
  {
    name: 'rules that no stack has made',
    region: 'eu-north-1',
    async breaks(world, region) {
      await addStack(world, region);
      rulesIn(world, region).get('guardrelay-findings').tags.clear();
    },
    results: Object.fromEntries(
      STACK_CODES.map((code) => [
        code,
        { kind: 'skipped', why: 'rule guardrelay-findings has no tags of a stack' },
      ]),
    ),
  },
];

function stackResults(results: Partial<Record<ErrorCode, CheckResult>>) {
  return Object.fromEntries(STACK_CODES.map((code) => [code, results[code]]));
}

t.test('D25 what is wrong with a stack is named by its own check, and by no other', async (t) => {
  const world = await startCheckedWorld(t, [SOUND]);
  for (const { region, breaks } of TROUBLES) await breaks(world, region);
  const regions = [SOUND, ...TROUBLES.map(({ region }) => region)];

  const seen = await world.examine({ settings: { regions }, only: [...STACK_CODES] });

  t.match(stackResults(resultsIn(seen, SOUND)), {
    'CFN-002': { kind: 'passed' },
    'CFN-003': { kind: 'passed' },
    'CFN-004': { kind: 'passed' },
    'CFN-005': { kind: 'passed', found: /never been asked to compare/ },
  });
  for (const { name, region, results } of TROUBLES) {
    const expected = Object.fromEntries(
      STACK_CODES.map((code) => [code, results[code] ?? { kind: 'passed' }]),
    );
    t.match(stackResults(resultsIn(seen, region)), expected, name);
  }
});

t.test('D25 the stacks of a StackSet are seen from the account itself', async (t) => {
  const regions = [SOUND, 'eu-west-1'];
  const world = await startCheckedWorld(t, regions);
  const places = regions.map((region) => ({ account: ACCOUNT, region }));
  await world.drift({ targets: places });

  const seen = await world.examine({ only: [...STACK_CODES] });
  const outdated = await world.examine({ only: ['CFN-004'], settings: { stack: { retentionDays: 60 } } });

  for (const { account, region } of places) {
    world.aws.logs.groups({ account, region, partition: 'aws' }).retain('/aws/events/guardrelay', 60);
  }
  await world.drift({ targets: places });
  const drifted = await world.examine({ only: ['CFN-005'] });

  for (const region of regions) {
    t.match(resultsIn(seen, region), {
      'CFN-002': { kind: 'passed' },
      'CFN-005': { found: 'in sync on 2026-01-01' },
    });
    t.match(resultsIn(outdated, region), { 'CFN-004': { kind: 'warned' } });
    t.match(
      resultsIn(drifted, region),
      { 'CFN-005': { found: /^somebody has changed what stack StackSet-guardrelay made, / } },
      'the same words in every region',
    );
  }
});

t.test(
  'a right to see the stack that is missing makes its checks skipped, and the tags tell all the same',
  async (t) => {
    const world = await startCheckedWorld(t, [SOUND]);
    const effect = {
      kind: 'error',
      code: 'AccessDenied',
      message: 'User: x is not authorized to perform: cloudformation:DescribeStacks on resource: arn:stack',
      statusCode: 403,
    } as const;
    world.aws.world.faults.add({ operation: 'DescribeStacks', effect });

    const seen = await world.examine({ only: [...STACK_CODES] });

    const refused = { kind: 'skipped', right: 'cloudformation:DescribeStacks', resource: 'arn:stack' };
    t.match(stackResults(resultsIn(seen, SOUND)), {
      'CFN-002': refused,
      'CFN-003': refused,
      'CFN-004': { kind: 'passed' },
      'CFN-005': refused,
    });
  },
);

t.test(
  'D25 a region that was enabled is told of: unnamed in the configuration, or without a stack',
  async (t) => {
    const world = await startCheckedWorld(t, [SOUND]);
    const before = await world.examine({ only: ['REG-003'] });
    world.aws.world.accounts.add({ id: ACCOUNT, regions: [SOUND, 'eu-west-1', 'eu-south-2'] });

    const named = await world.examine({ only: ['REG-003'] });
    const all = await world.examine({ only: ['REG-003'], settings: { regions: 'enabled' } });
    await addStack(world, 'eu-south-2');
    const made = await world.examine({ only: ['REG-003'], settings: { regions: 'enabled' } });

    t.match(resultsIn(before), { 'REG-003': { kind: 'passed' } });
    t.match(resultsIn(named), {
      'REG-003': {
        kind: 'warned',
        found: 'eu-south-2: enabled in the account, and not in the regions of the configuration',
        fix: /set regions: enabled/,
      },
    });
    t.equal(resultsIn(all)['REG-003'], undefined, 'the account has nothing to add');
    t.match(resultsIn(all, 'eu-south-2'), {
      'REG-003': { kind: 'failed', fix: 'guardrelay deploy --customer acme --region eu-south-2' },
    });
    t.equal(resultsIn(all, 'eu-west-1')['REG-003'], undefined, 'a region that is always on is not new');
    t.match(resultsIn(made, 'eu-south-2'), { 'REG-003': { kind: 'passed' } });
  },
);
