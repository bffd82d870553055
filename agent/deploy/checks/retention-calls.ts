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
      policies.push(...(answer.accountPolicies ?? []).map(policyOf));
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

function policyOf(policy: AccountPolicy): RetentionPolicy {
  const { policyName: name = '', selectionCriteria, lastUpdatedTime: changedAt = 0 } = policy;
  const { retentionInDays: days, enforcementMode } = policyDocument.parse(parsedJson(policy.policyDocument));
  const isRetroactive = enforcementMode === 'RETROACTIVE';
  return { name, days, isRetroactive, prefixes: prefixesIn(selectionCriteria), changedAt };
}

/** `LogGroupNamePrefix IN ["/a", "/b"]`; without criteria a policy is for every name. */
function prefixesIn(criteria: string | undefined): readonly string[] {
  if (!criteria) return [''];
  const [, list] = /^\s*LogGroupNamePrefix\s+IN\s*(\[.*\])\s*$/s.exec(criteria) ?? [];
  return z.array(z.string()).parse(parsedJson(list));
}
