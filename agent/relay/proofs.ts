import type { AwsClients } from '../aws/clients.ts';
import { putCanary } from '../aws/put-canary.ts';
import type { ResolvedCustomer } from '../config/config.ts';
import { scopeOf } from '../discover/customer.ts';
import type { CanaryMeter } from '../health/canary-meter.ts';
import type { Source } from '../model/source.ts';
import type { Canaries } from './canaries.ts';
import type { CanarySettings } from './canary-watch.ts';
import { discoverCustomer } from './discover-customer.ts';
import type { PlumbingSettings } from './plumbing-watch.ts';

/** Looks at what carries events to a log group: in these regions, for this customer. */
type Plumbing = (
  customer: ResolvedCustomer,
  where: { readonly logs: Source; readonly regions: readonly string[] },
  signal: AbortSignal,
) => ReturnType<PlumbingSettings['look']>;

export interface ProofParts {
  readonly clients: AwsClients;
  readonly canaries: Canaries;
  readonly meters: { readonly canaries: CanaryMeter };
  /** Absent: nobody looks. */
  readonly plumbing?: Plumbing;
  /** One pass over every source, until everything is delivered: it does not wait for what it puts. */
  readonly once: boolean;
}

/** How a source is proven beside its heartbeats; absent: not at all. */
interface Proofs {
  readonly canary?: CanarySettings;
  readonly plumbing?: PlumbingSettings;
}

/** `regions`: whose events the log group takes. A log group of somebody else has rules of somebody else. */
export function proofsOf(
  logs: Source,
  customer: ResolvedCustomer,
  { regions, ...parts }: ProofParts & { readonly regions: readonly string[] },
): Proofs {
  if (parts.once || customer.stack.mode === 'existing') return {};
  for (const region of regions) parts.meters.canaries.met({ ...logs, region });
  const canary = canaryOf({ logs, regions }, customer, parts);
  const plumbing = plumbingOf({ logs, regions }, customer, parts.plumbing);
  return { ...(canary && { canary }), ...(plumbing && { plumbing }) };
}

function canaryOf(
  { logs, regions }: { readonly logs: Source; readonly regions: readonly string[] },
  customer: ResolvedCustomer,
  { clients, canaries, meters }: ProofParts,
): CanarySettings | undefined {
  const { collect, heartbeat } = customer;
  if (!heartbeat.canary.enabled || !collect.findings) return undefined;
  const scope = scopeOf(discoverCustomer(customer), logs.account);
  return {
    everyHours: heartbeat.canary.everyHours,
    regions,
    lost: (region) => meters.canaries.lost({ ...logs, region }),
    async put(region, sentAt, signal) {
      const where = { clients, scope, region, signal };
      const answer = await putCanary(where, canaries.issue({ ...logs, region }, sentAt));
      return answer.kind === 'failed' ? answer.failure : undefined;
    },
  };
}

function plumbingOf(
  where: { readonly logs: Source; readonly regions: readonly string[] },
  customer: ResolvedCustomer,
  plumbing: Plumbing | undefined,
): PlumbingSettings | undefined {
  const { heartbeat, health } = customer;
  if (!plumbing || health.plumbingMinutes === 0) return undefined;
  return {
    everyMinutes: health.plumbingMinutes,
    heartbeatMinutes: heartbeat.mode === 'rule' ? heartbeat.everyMinutes : undefined,
    look: (signal) => plumbing(customer, where, signal),
  };
}
