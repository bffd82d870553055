import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { GuardDuty } from '@aws-sdk/client-guardduty';
import t from 'tap';

import { applyRemedy } from '../../agent/deploy/checks/remedy.ts';
import { loadPolicy } from '../../agent/deploy/policies.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { type CheckedWorld, startCheckedWorld } from '../support/checked-world.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { actionsOf, recordCalls, SCOPE, sessionWith } from '../support/policies.ts';

const [HOME = '', OTHER = ''] = ['us-east-1', 'eu-west-1'];
const GROUP = { logGroupName: '/aws/events/guardrelay' };
const FOREIGN = { Id: 'theirs', Arn: `arn:aws:logs:${HOME}:${ACCOUNT}:log-group:/aws/events/theirs` };

/**
 * PutTargets gives the role that forwards to a hub. AWS makes the role of the service with the caller's right when
 * GuardDuty is first switched on (GuardDuty User Guide).
 */
const IMPLICIT = ['iam:PassRole', 'iam:CreateServiceLinkedRole'];

/** One of everything that doctor can repair. */
async function breakEverything({ config, aws }: CheckedWorld): Promise<void> {
  const events = new EventBridge(config({ region: HOME }));
  const logs = new CloudWatchLogs(config({ region: HOME }));
  await events.disableRule({ Name: 'guardrelay-findings' });
  await events.putTargets({ Rule: 'guardrelay-findings', Targets: [FOREIGN] });
  await events.putRule({ Name: 'guardrelay-changes', EventPattern: '{"source":["aws.guardduty"]}' });
  await events.removeTargets({ Rule: 'guardrelay-heartbeat', Ids: ['logs'] });
  await logs.putRetentionPolicy({ ...GROUP, retentionInDays: 1 });
  await logs.deleteResourcePolicy({ policyName: 'guardrelay-events' });
  for (const client of [events, logs]) client.destroy();

  const away = new GuardDuty(config({ region: OTHER }));
  const { DetectorIds: [DetectorId] = [] } = await away.listDetectors();
  await away.deleteDetector({ DetectorId });
  away.destroy();
  const place = { account: ACCOUNT, region: HOME, partition: 'aws' };
  const { id } = aws.guardDuty.detectors.find(place) ?? {};
  if (id !== undefined) aws.guardDuty.detectors.update(place, id, { frequency: 'SIX_HOURS' });
}

t.test('doctor repairs with its policy alone, and the policy allows nothing else', async (t) => {
  const world = await startCheckedWorld(t, [HOME, OTHER]);
  await breakEverything(world);
  const session = sessionWith(world, 'Repairer', await loadPolicy('repair', SCOPE));
  const { credentials } = world.config({ keys: session });
  const clients = clientsOf(t, world, { ownCredentials: async () => credentials });
  const { signal } = new AbortController();
  const called = recordCalls(world.aws, '/Repairer/');

  const { rows } = await world.examine();
  const remedies = rows.flatMap(({ result }) => ('remedies' in result ? (result.remedies ?? []) : []));
  for (const remedy of remedies) {
    const outcome = await applyRemedy(remedy, { clients, scope: OWN_SCOPE, signal });
    t.same(outcome, { kind: 'applied' }, remedy.description);
  }

  t.same([...called, ...IMPLICIT].sort(), await actionsOf('repair'));
  t.same([...new Set(remedies.map(({ action }) => action))].sort(), [...called].sort(), 'as doctor says it');
});
