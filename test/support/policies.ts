import { loadPolicy, type PolicyName, type PolicyScope } from '../../agent/deploy/policies.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Session } from '../../agent/localaws/world.ts';
import { ACCOUNT, type TestAws } from './local-aws.ts';

/** The names that the configuration has by default. */
export const SCOPE: PolicyScope = {
  partition: 'aws',
  account: ACCOUNT,
  prefix: 'guardrelay',
  logGroup: '/aws/events/guardrelay',
  stackName: 'guardrelay',
};

/** What a published policy allows, sorted. */
export async function actionsOf(name: PolicyName): Promise<readonly string[]> {
  const { Statement } = await loadPolicy(name, SCOPE);
  return [...new Set(Statement.flatMap(({ Action }) => Action))].sort();
}

/** A session of a role in the administrator's account that may do what the policies say, and nothing else. */
export function sessionWith(test: TestAws, name: string, ...policies: readonly unknown[]): Session {
  const { principals } = test.aws.world;
  const arn = `arn:aws:iam::${ACCOUNT}:role/${name}`;
  principals.putRole({
    account: ACCOUNT,
    name,
    arn,
    trust: { Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' } },
    policies: Object.fromEntries(policies.entries()),
    maxSessionSeconds: 43_200,
  });
  const place = { account: ACCOUNT, region: 'us-east-1', partition: 'aws' };
  const caller = { ...place, arn: `arn:aws:iam::${ACCOUNT}:user/admin` };
  return principals.assume(caller, { roleArn: arn, sessionName: 'test', durationSeconds: 43_200 });
}

/** Every call of principals with this text in their ARN. GetCallerIdentity needs no permission (STS API reference). */
export function recordCalls(aws: LocalAws, who: string): ReadonlySet<string> {
  const called = new Set<string>();
  aws.watch(({ action, caller }) => {
    if (caller.arn.includes(who) && action !== 'sts:GetCallerIdentity') called.add(action);
  });
  return called;
}
