import type { AwsClients } from '../../aws/clients.ts';
import type { Quota } from '../../aws/quota.ts';
import type { ResolvedCustomer } from '../../config/config.ts';
import { expectedAt } from '../../deploy/checks/expected.ts';
import { loadRulePatterns } from '../../deploy/checks/patterns.ts';
import { createPlaceCalls } from '../../deploy/checks/place-calls.ts';
import { lookAtPlumbing, type PlumbingLook } from '../../deploy/checks/plumbing.ts';
import { scopeOf } from '../../discover/customer.ts';
import type { Clock } from '../../model/clock.ts';
import type { Source } from '../../model/source.ts';
import { discoverCustomer } from '../../relay/discover-customer.ts';

interface PlumbingParts {
  readonly clients: AwsClients;
  readonly quota: Quota;
  readonly clock: Clock;
}

/** The region itself, or every region that forwards to its log group. */
type Regions = readonly string[];

/** How an agent looks at what carries events to one of its log groups. */
export function createPlumbing(parts: PlumbingParts) {
  return async (
    customer: ResolvedCustomer,
    { logs, regions }: { readonly logs: Source; readonly regions: Regions },
    signal: AbortSignal,
  ): Promise<PlumbingLook> => {
    const patterns = await loadRulePatterns(customer.collect);
    const scope = scopeOf(discoverCustomer(customer), logs.account);
    const pace = parts.quota.paceOf(logs, customer.poll.quotaShare);
    const looks = regions.map((region) => {
      const source = { ...logs, region };
      const calls = createPlaceCalls({
        ...{ ...parts, scope, source, logs, pace, signal },
        isHeartbeat: () => false,
      });
      return lookAtPlumbing({ expected: expectedAt(source, customer, patterns), calls });
    });
    const seen = await Promise.all(looks);
    return {
      troubles: seen.flatMap(({ troubles }) => troubles),
      isBlind: seen.every(({ isBlind }) => isBlind),
    };
  };
}
