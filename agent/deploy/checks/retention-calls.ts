import { type AccountPolicy, DescribeAccountPoliciesCommand } from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';

import { parsedJson } from './json-text.ts';
import { askService, type ServiceCallOptions, type UnansweredCall } from './service-call.ts';

export interface AccountRetention {
  readonly kind: 'retention';
  readonly policies: readonly RetentionPolicy[];
}

/** One of those that the account has for many log groups, as it was last changed. It comes into force 24 hours later. */
export interface RetentionPolicy {
  readonly name: string;
  /** Infinity: for ever. */
  readonly days: number;
  /** Or only for log groups that are younger than the policy. */
  readonly isRetroactive: boolean;
  /** What the names of its log groups begin with. */
  readonly prefixes: readonly string[];
  /** Epoch ms. */
  readonly changedAt: number;
}

export function describeAccountRetention(
  options: ServiceCallOptions,
): Promise<AccountRetention | UnansweredCall> {
  const { clients, scope, source, signal } = options;
  const client = clients.logs(scope, source.region);
  return askService('logs:DescribeAccountPolicies', options, async () => {
    const policies: RetentionPolicy[] = [];
    let nextToken: string | undefined;
    do {
      const command = new DescribeAccountPoliciesCommand({ policyType: 'RETENTION_POLICY', nextToken });
      const answer = await client.send(command, { abortSignal: signal });
      policies.push(...(answer.accountPolicies ?? []).map(retentionPolicyOf));
      nextToken = answer.nextToken;
    } while (nextToken);
    return { kind: 'retention', policies };
  });
}

/** API reference of PutAccountPolicy. */
const policyDocument = z.object({
  retentionInDays: z.union([
    z.literal('NEVER_EXPIRE').transform(() => Number.POSITIVE_INFINITY),
    z.coerce.number(),
  ]),
  enforcementMode: z.enum(['NEW_ONLY', 'RETROACTIVE']),
});
const prefixList = z.array(z.string());

/** Throws for one that may mean anything: what it does to our log group is not known then. */
export function retentionPolicyOf(policy: AccountPolicy): RetentionPolicy {
  const { policyName: name = '', selectionCriteria, lastUpdatedTime: changedAt = 0 } = policy;
  const document = policyDocument.safeParse(parsedJson(policy.policyDocument));
  const prefixes = prefixList.safeParse(prefixesIn(selectionCriteria));
  if (!document.success || !prefixes.success) {
    throw new Error(`the retention policy ${name} of the account is of an unknown form`);
  }
  const { retentionInDays: days, enforcementMode } = document.data;
  const isRetroactive = enforcementMode === 'RETROACTIVE';
  return { name, days, isRetroactive, prefixes: prefixes.data, changedAt };
}

/** `LogGroupNamePrefix IN ["/a", "/b"]`; without criteria a policy is for every name. */
function prefixesIn(criteria: string | undefined): unknown {
  if (!criteria) return [''];
  const [, list] = /^\s*LogGroupNamePrefix\s+IN\s*(\[.*\])\s*$/s.exec(criteria) ?? [];
  return parsedJson(list);
}
