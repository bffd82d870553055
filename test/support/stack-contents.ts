import { loadRulePatterns } from '../../agent/deploy/checks/patterns.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import { GROUP } from './relay-scene.ts';

export const POLICY = 'guardrelay';
const { findings, changes } = await loadRulePatterns({ objectScanResults: false });
const RULES = [
  { name: 'guardrelay-findings', eventPattern: JSON.stringify(findings) },
  { name: 'guardrelay-changes', eventPattern: JSON.stringify(changes) },
  { name: 'guardrelay-heartbeat', scheduleExpression: 'rate(5 minutes)' },
];

/** GuardDuty, and what the stack of a region holds: log group, policy, and the rules with their targets. */
export function furnish(aws: LocalAws, place: Place): void {
  aws.guardDuty.detectors.create(place, { frequency: 'FIFTEEN_MINUTES' });
  aws.logs.groups(place).create({ name: GROUP, retentionInDays: 30 });
  putPolicy(aws, place);
  putRules(aws, place);
  putTargets(aws, place);
}

function groupArn({ account, region }: Place): string {
  return `arn:aws:logs:${region}:${account}:log-group:${GROUP}`;
}

/** `only`: the name of one rule; absent: all. */
export function putRules(
  aws: LocalAws,
  place: Place,
  state: 'ENABLED' | 'DISABLED' = 'ENABLED',
  only?: string,
): void {
  const rules = RULES.filter(({ name }) => only === undefined || name === only);
  for (const rule of rules) aws.events.rules(place).put({ ...rule, state });
}

export function changePatterns(aws: LocalAws, place: Place): void {
  for (const { name } of RULES) aws.events.rules(place).put({ name, eventPattern: '{"source":["aws.ec2"]}' });
}

export function putTargets(aws: LocalAws, place: Place, suffix = ''): void {
  const target = { Id: 'group', Arn: groupArn(place) + suffix };
  for (const { name } of RULES) aws.events.rules(place).addTargets(name, [target]);
}

export function removeTargets(aws: LocalAws, place: Place): void {
  for (const { name } of RULES) aws.events.rules(place).removeTargets(name, ['group']);
}

export function putPolicy(aws: LocalAws, place: Place): void {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `${groupArn(place)}:*`,
  };
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  aws.logs.policies(place).putForAccount(POLICY, document);
}
