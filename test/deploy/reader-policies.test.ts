import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import {
  CreateDetectorCommand,
  CreateSampleFindingsCommand,
  GuardDutyClient,
} from '@aws-sdk/client-guardduty';
import type { Test } from 'tap';
import t from 'tap';

import { putCanary } from '../../agent/aws/put-canary.ts';
import { loadPolicy, type PolicyName } from '../../agent/deploy/policies.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Keys } from '../../agent/localaws/world.ts';
import { until } from '../peers/support/until.ts';
import { ADMIN, insert, placeOf, REGIONS, type Scene, setScene } from '../support/agent-cli.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { runCli } from '../support/cli.ts';
import { startTestAws } from '../support/local-aws.ts';
import { actionsOf, recordCalls, SCOPE, sessionWith } from '../support/policies.ts';
import { REGIONAL, templateFile } from '../support/templates.ts';

const OPTIONAL = ['canary', 'doctor', 'backfill', 'account-names'] as const;
const QUEUE = { ParameterKey: 'EnableDlq', ParameterValue: 'true' };
const TRAIL = {
  name: 'audit',
  account: ADMIN,
  homeRegion: 'us-east-1',
  isMultiRegion: true,
  isLogging: true,
};

/** A customer with all that can be looked at: organization, trail, dead-letter queue, findings. */
async function setFullScene(t: Test): Promise<Scene> {
  const accounts = { collect: [ADMIN], names: 'organizations' };
  const stack = { deadLetterQueue: true };
  const scene = await setScene(t, {}, { accounts, stack, regions: 'enabled' });
  const { world, trails } = scene.aws;
  world.accounts.add({ id: ADMIN, regions: REGIONS });
  const root = { id: ADMIN, name: 'root', email: 'r@acme.example' };
  world.organizations.add({ management: ADMIN, accounts: [root] });
  trails.add({ ...TRAIL, eventSelectors: [{ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true }] });
  const owner = world.principals.addUser(ADMIN, 'owner');
  for (const region of REGIONS) await collectIn(scene.aws, region, owner);
  for (const region of REGIONS) insert(scene.aws, region, 1);
  return scene;
}

/** What the customer has in a region: the real stack, and GuardDuty with a finding. */
async function collectIn({ url, events }: LocalAws, region: string, credentials: Keys): Promise<void> {
  const settings = { endpoint: url, region, credentials };
  const rules = events.rules(placeOf(region));
  const stack = { StackName: 'guardrelay', TemplateBody: REGIONAL, Parameters: [QUEUE] };
  await new CloudFormationClient(settings).send(new CreateStackCommand(stack));
  const guardDuty = new GuardDutyClient(settings);
  const { DetectorId } = await guardDuty.send(new CreateDetectorCommand({ Enable: true }));
  await guardDuty.send(new CreateSampleFindingsCommand({ DetectorId }));
  await until('the stack stands', () => rules.list().length === 3);
}

/** Gives the reader role these policies and no others. */
async function allow({ aws }: Scene, names: readonly PolicyName[]): Promise<void> {
  const { principals } = aws.world;
  const policies = await Promise.all(names.map((name) => loadPolicy(name, { ...SCOPE, account: ADMIN })));
  const reader = principals.role(ADMIN, 'GuardRelayReader');
  if (!reader) throw new Error('the scene has no reader role');
  principals.putRole({ ...reader, policies: Object.fromEntries(policies.entries()) });
}

/** Every right has a caller, and every call its right: of the agent itself, and of each command with the reader role. */
const COMMANDS: readonly {
  readonly args: readonly [string, ...string[]];
  readonly adds: readonly PolicyName[];
}[] = [
  { args: ['run', '--once'], adds: ['account-names'] },
  { args: ['backfill', '--from-findings', '90d'], adds: ['backfill', 'account-names'] },
  { args: ['doctor'], adds: ['doctor'] },
];

t.test('relay and reader call what their policies allow, and so does what each command adds', async (t) => {
  const scene = await setFullScene(t);
  const { aws, cwd, env } = scene;
  const relay = recordCalls(aws, ':user/relay');
  const always = await actionsOf('reader');
  const read = new Set<string>();

  for (const { args, adds } of COMMANDS) {
    await allow(scene, ['reader', ...adds]);
    const called = recordCalls(aws, '/GuardRelayReader/');
    const ran = await runCli(args, { cwd, env });
    const allowed = (await Promise.all(adds.map(actionsOf))).flat();

    t.notMatch(ran.stderr + ran.stdout, /is not authorized/, args.join(' '));
    const beside = [...called].filter((action) => !always.includes(action));
    t.same(beside.sort(), [...new Set(allowed)].sort(), args.join(' '));
    for (const action of called) read.add(action);
  }

  t.same([...relay].sort(), await actionsOf('relay'));
  t.same(
    always.filter((action) => !read.has(action)),
    [],
  );
});

t.test('a canary needs what its policy allows, and no more', async (t) => {
  const test = await startTestAws(t);
  const keys = sessionWith(test, 'Reader', await loadPolicy('canary', SCOPE));
  const { credentials } = test.config({ keys });
  const clients = clientsOf(t, test, { ownCredentials: async () => credentials });
  const called = recordCalls(test.aws, '/Reader/');
  const { signal } = new AbortController();

  const put = await putCanary({ clients, scope: OWN_SCOPE, region: 'eu-west-1', signal }, { id: 'x' });

  t.same(put, { kind: 'put' });
  t.same([...called], await actionsOf('canary'));
});

t.test('every optional right of the reader is in one policy that can be printed', async (t) => {
  const printed = await Promise.all(OPTIONAL.map((name) => loadPolicy(name, SCOPE)));

  const named = printed.flatMap(({ Statement }) => Statement.map(({ Sid }) => Sid));

  const all = [...templateFile('reader-policy-optional.json').matchAll(/"Sid": "(\w+)"/g)];
  t.same(
    named,
    all.map(([, sid]) => sid),
  );
});
