import { createBucket } from '../aws/bucket.ts';
import type { AwsClients } from '../aws/clients.ts';
import type { Quota } from '../aws/quota.ts';
import type { ResolvedCustomer } from '../config/config.ts';
import { mapBounded } from '../discover/bounded.ts';
import type { AccountDirectory } from '../model/account-names.ts';
import type { Clock } from '../model/clock.ts';
import type { Source } from '../model/source.ts';
import type { ReadFailure } from '../tail/read.ts';
import type { Canaries } from './canaries.ts';
import type { Destination } from './destination.ts';
import { createDispatch, createDryDispatch, type Dispatched } from './dispatch.ts';
import { createReplayRead, type Pace, type ReplayWindow } from './replay-read.ts';
import { createSourceAccess } from './source-access.ts';

export interface ReplayOptions {
  readonly sources: readonly Source[];
  readonly customers: readonly ResolvedCustomer[];
  readonly destinations: readonly Destination[];
  readonly window: ReplayWindow;
  /** Read and count, send nothing. */
  readonly dryRun: boolean;
  /** Of all sources together; absent: as fast as the destinations take them. */
  readonly recordsPerSecond?: number | undefined;
  readonly clients: AwsClients;
  readonly quota: Quota;
  readonly accountNames: AccountDirectory;
  /** Of the agent that has put them; absent: they go out like any event. */
  readonly canaries?: Canaries | undefined;
  readonly clock: Clock;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
}

/** What came of one source. */
export interface Replayed {
  readonly source: Source;
  /** Records in the window; heartbeats are none. */
  readonly records: number;
  /** The window was read to its end. */
  readonly isComplete: boolean;
  /** Epoch ms: the log group keeps nothing older. Absent: it keeps everything, or was not described. */
  readonly keptSince?: number;
  readonly dispatched: ReadonlyMap<string, Dispatched>;
  readonly failure?: ReadFailure;
}

const SOURCES_AT_ONCE = 8;

/**
 * Ships a window of every source again, marked, and touches no checkpoint. The sources are read a few at a time;
 * what was given away is waited for when all are read, so that settle times do not add up.
 */
export async function replay(options: ReplayOptions, signal: AbortSignal): Promise<readonly Replayed[]> {
  const pace = paceOf(options);
  const waiting = await mapBounded(options.sources, SOURCES_AT_ONCE, async (source) => {
    const { dispatch, read } = openSource(source, options);
    return { source, dispatch, found: await read(pace, signal) };
  });
  return Promise.all(
    waiting.map(async ({ source, dispatch, found }) => ({
      ...{ source, ...found },
      dispatched: await dispatch.end(signal),
    })),
  );
}

function openSource(source: Source, options: ReplayOptions) {
  const customer = options.customers.find(({ id }) => id === source.customer);
  if (!customer) throw new Error(`a source belongs to an unknown customer: ${source.customer}`);
  const { routes, ...access } = createSourceAccess(source, customer, options);
  const takers = options.destinations.filter(({ id }) => routes.includes(id));
  const dispatch = options.dryRun ? createDryDispatch(takers) : createDispatch(takers, options.clock);
  return { dispatch, read: createReplayRead({ ...options, ...access, dispatch }) };
}

function paceOf({ recordsPerSecond, clock }: ReplayOptions): Pace {
  if (recordsPerSecond === undefined) return async () => {};
  const bucket = createBucket(recordsPerSecond, clock);
  return (signal) => bucket.take(signal);
}
