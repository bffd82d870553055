import { createBucket } from '../aws/bucket.ts';
import type { AwsClients } from '../aws/clients.ts';
import { existingFindings } from '../aws/existing-findings.ts';
import type { AwsFailure } from '../aws/failure.ts';
import type { ResolvedCustomer } from '../config/config.ts';
import { mapBounded } from '../discover/bounded.ts';
import { scopeOf } from '../discover/customer.ts';
import type { FoundSource } from '../discover/sources.ts';
import type { AccountDirectory } from '../model/account-names.ts';
import type { Clock } from '../model/clock.ts';
import { isRenderable, type SourceRec } from '../model/record.ts';
import type { Source } from '../model/source.ts';
import { existingFinding } from '../normalize/existing-finding.ts';
import { normalize } from '../normalize/normalize.ts';
import type { Destination } from './destination.ts';
import { discoverCustomer } from './discover-customer.ts';
import { createDispatch, createDryDispatch, type Dispatch, type Dispatched } from './dispatch.ts';
import { normalizeOptions } from './normalize-options.ts';
import { routesTo } from './routes.ts';

export interface BackfillOptions {
  readonly customers: readonly ResolvedCustomer[];
  readonly sources: readonly FoundSource[];
  readonly destinations: readonly Destination[];
  /** Read and count, send nothing. */
  readonly dryRun: boolean;
  readonly clients: AwsClients;
  readonly accountNames: AccountDirectory;
  readonly clock: Clock;
  /** Epoch ms: findings updated then or later. */
  readonly updatedSince: number;
}

/** What came of one account in one region. */
export interface Backfilled {
  readonly source: Source;
  /** Absent: GuardDuty did not say. 0: it is off there. */
  readonly detectors?: number;
  /** Findings that GuardDuty named. */
  readonly found: number;
  readonly dispatched: ReadonlyMap<string, Dispatched>;
  /** Why not everything could be read. */
  readonly failure?: AwsFailure;
}

const PLACES_AT_ONCE = 8;
/** The quotas are the customer's, whose own tools use them too. */
const CALLS_PER_SECOND = 2;

/**
 * Ships the findings that GuardDuty still keeps, marked, and touches no checkpoint. One place never stops another;
 * what was given away is waited for when all are read, so that settle times do not add up.
 */
export async function backfill(
  options: BackfillOptions,
  signal: AbortSignal,
): Promise<readonly Backfilled[]> {
  const waiting = await mapBounded(onePerPlace(options.sources), PLACES_AT_ONCE, async (source) => {
    const place = placeOf(source, options);
    return { source, dispatch: place.dispatch, read: await readPlace(place, signal) };
  });
  return Promise.all(
    waiting.map(async ({ source, dispatch, read }) => ({
      ...{ source, ...read },
      dispatched: await dispatch.end(signal),
    })),
  );
}

/** GuardDuty is asked once for each account and region, wherever and in however many log groups its events are read. */
function onePerPlace(sources: readonly FoundSource[]): readonly Source[] {
  const asked = sources.flatMap(({ origins, ...source }) =>
    (origins?.regions ?? [source.region]).map((region) => ({ ...source, region })),
  );
  const places = Map.groupBy(asked, ({ customer, account, region }) => `${customer}/${account}/${region}`);
  return [...places.values()].flatMap((group) => group.slice(0, 1));
}

interface PlaceOptions extends BackfillOptions {
  readonly source: Source;
  readonly customer: ResolvedCustomer;
  readonly dispatch: Dispatch;
}

function placeOf(source: Source, options: BackfillOptions): PlaceOptions {
  const { customers, destinations, clock, dryRun } = options;
  const customer = customers.find(({ id }) => id === source.customer);
  if (!customer) throw new Error(`a source belongs to an unknown customer: ${source.customer}`);
  const ids = routesTo(customer.destinations, source.region);
  const takers = destinations.filter(({ id }) => ids.includes(id));
  const dispatch = dryRun ? createDryDispatch(takers) : createDispatch(takers, clock);
  return { ...options, source, customer, dispatch };
}

type Read = Omit<Backfilled, 'source' | 'dispatched'>;

async function readPlace(options: PlaceOptions, signal: AbortSignal): Promise<Read> {
  let read: Read = { found: 0 };
  for await (const step of stepsOf(options, signal)) {
    switch (step.kind) {
      case 'detectors':
        read = { ...read, detectors: step.ids.length };
        break;
      case 'ids':
        read = { ...read, found: read.found + step.ids.length };
        break;
      case 'findings':
        for (const record of step.findings.flatMap((finding) => recordsOf(finding, options))) {
          await options.dispatch.give(record, signal);
        }
        break;
      case 'failed':
        // A call that was broken off by us says nothing of AWS.
        if (!signal.aborted) read = { ...read, failure: step.failure };
    }
  }
  return read;
}

function stepsOf({ source, customer, ...options }: PlaceOptions, signal: AbortSignal) {
  const { clients, clock, updatedSince } = options;
  const { account, region } = source;
  return existingFindings(
    {
      ...{ clients, region, updatedSince },
      scope: scopeOf(discoverCustomer(customer), account),
      pace: createBucket(CALLS_PER_SECOND, clock),
    },
    signal,
  );
}

function recordsOf(finding: object, { source, customer, clock, accountNames }: PlaceOptions) {
  const event = existingFinding(finding, clock.now());
  return normalize(event, source, normalizeOptions(customer, accountNames))
    .map(backfilled)
    .filter(isRenderable);
}

/** There is no envelope to say that an administrator received a member's finding, but the one who was asked did. */
export function backfilled(record: SourceRec): SourceRec {
  const asked = record.origin.source.account;
  const adminAccount = record.account === asked ? {} : { adminAccount: asked };
  return { ...record, ...adminAccount, backfill: true };
}
