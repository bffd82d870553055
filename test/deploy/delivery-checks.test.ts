import t from 'tap';

import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import type { ErrorCode } from '../../agent/model/error.ts';
import { resultsIn, startCheckedWorld } from '../support/checked-world.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const PASSED = { kind: 'passed' };
const MINUTE_MS = 60_000;
const FINDING = { source: 'aws.guardduty', 'detail-type': 'GuardDuty Finding', detail: { id: 'f1' } };

function placeIn(region: string): Place {
  return { account: ACCOUNT, region, partition: 'aws' };
}

/** From now on EventBridge may not write to the log groups of a region. */
function breakPolicy({ logs }: LocalAws, place: Place): void {
  for (const { policyName } of logs.policies(place).list()) logs.policies(place).deleteForAccount(policyName);
}

/** Calls of this operation are refused, as IAM does it. */
function refuse({ world }: LocalAws, operation: string): () => void {
  const effect = { kind: 'error', code: 'AccessDenied', message: 'no', statusCode: 403 } as const;
  return world.faults.add({ operation, effect });
}

t.test('EB-003 what waits in the dead-letter queue is counted, and how to see why is said', async (t) => {
  const regions = ['us-east-1', 'us-east-2', 'us-west-1'];
  const world = await startCheckedWorld(t, regions, { settings: { deadLetterQueue: true } });
  const { aws } = world;
  const only: readonly ErrorCode[] = ['EB-003'];
  const look = (deadLetterQueue = true) => world.examine({ only, settings: { stack: { deadLetterQueue } } });
  breakPolicy(aws, placeIn('us-east-2'));
  aws.events.emit(placeIn('us-east-2'), FINDING);
  const once = resultsIn(await look(), 'us-east-2');
  aws.events.emit(placeIn('us-east-2'), FINDING);
  aws.queues.delete(placeIn('us-west-1'), 'guardrelay-dlq');

  const seen = await look();
  const unwanted = await look(false);

  t.same(resultsIn(seen, 'us-east-1'), { 'EB-003': PASSED });
  t.match(once, { 'EB-003': { found: /^1 event waits in the dead-letter queue guardrelay-dlq: / } });
  t.match(resultsIn(seen, 'us-east-2'), {
    'EB-003': {
      kind: 'failed',
      code: 'EB-003',
      found: /^2 events wait in the dead-letter queue guardrelay-dlq: EventBridge could not deliver them$/,
      fix: new RegExp(
        `^aws sqs receive-message --queue-url https://[^ ]+/${ACCOUNT}/guardrelay-dlq .* --visibility-timeout 0 .* --region us-east-2$`,
      ),
    },
  });
  t.match(resultsIn(seen, 'us-west-1'), {
    'EB-003': { kind: 'failed', found: /guardrelay-dlq does not exist$/, fix: /^guardrelay deploy / },
  });
  t.same(unwanted.rows, [], 'who wants no queue is not asked about one');
  for (const operation of ['GetQueueUrl', 'GetQueueAttributes']) {
    const allow = refuse(aws, operation);
    t.match(resultsIn(await look(), 'us-east-1'), {
      'EB-003': { kind: 'skipped', right: `sqs:${operation}` },
    });
    allow();
  }
});

t.test('EB-005 events that were lost in the last hours are counted, rule by rule', async (t) => {
  const world = await startCheckedWorld(t, ['us-east-1', 'us-east-2']);
  const { aws, clock } = world;
  const place = placeIn('us-east-2');
  const look = async (region: string) =>
    resultsIn(await world.examine({ only: ['EB-005'] }), region)['EB-005'];
  const policies = aws.logs.policies(place).list();

  breakPolicy(aws, place);
  aws.events.emit(place, FINDING);
  const first = await look('us-east-2');
  await clock.advance(10 * MINUTE_MS);
  const later = await look('us-east-2');
  for (const { policyName, policyDocument } of policies) {
    aws.logs.policies(place).putForAccount(policyName, policyDocument);
  }
  const mended = await look('us-east-2');
  await clock.advance(4 * 60 * MINUTE_MS);
  const after = await look('us-east-2');
  refuse(aws, 'GetMetricStatistics');
  const refused = await look('us-east-1');

  t.match(first, {
    kind: 'failed',
    code: 'EB-005',
    found: 'EventBridge could not deliver 1 event of rule guardrelay-findings in the last 3 hours',
    fix: 'guardrelay doctor --customer acme --region us-east-2 --only EB-002,LOG-001,LOG-003',
  });
  t.match(later, {
    found: /1 event of rule guardrelay-findings .*; .* 2 events of rule guardrelay-heartbeat /,
  });
  t.match(mended, { kind: 'failed' }, 'what is lost stays lost');
  t.same(after, PASSED, 'and is forgotten some time after the repair');
  t.match(refused, { kind: 'skipped', right: 'cloudwatch:GetMetricStatistics' });
});
