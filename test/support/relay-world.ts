import { Buffer } from 'node:buffer';

import type { LogsReader } from '../../agent/aws/logs-reader.ts';
import { createQuota } from '../../agent/aws/quota.ts';
import { openSqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import type { CheckpointStore, SourceStatus } from '../../agent/checkpoint/store.ts';
import { createReadMeter, type ReadMeter } from '../../agent/health/read-meter.ts';
import type { Clock } from '../../agent/model/clock.ts';
import { eventKey } from '../../agent/model/event-key.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { sourceKey } from '../../agent/model/source.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import type { PollOptions } from '../../agent/relay/cadence.ts';
import type { Destination } from '../../agent/relay/destination.ts';
import { createMemoryBudget } from '../../agent/relay/memory-budget.ts';
import { meteredReader } from '../../agent/relay/metered-reader.ts';
import { DRAIN_MS, stopOn } from '../../agent/relay/stop.ts';
import { Supervisor } from '../../agent/relay/supervisor.ts';
import type { Shipper } from '../../agent/ship/shipper.ts';
import { createReader, type Reader } from '../../agent/tail/reader.ts';
import type { LateOptions } from '../../agent/tail/tiers.ts';
import { createCommitJournal } from './commit-journal.ts';
import type { FarSiem } from './far-siem.ts';
import { SOURCE } from './log-events.ts';
import { STREAM } from './random-group.ts';
import type { VirtualClock } from './virtual-clock.ts';

const MINUTE_MS = 60_000;
const POLL_SECONDS = 300;
/** No waiting for tokens: pacing has tests of its own. */
const NO_PACING = 1_000;

/** What may be wrong with an engine; nothing is, unless a test breaks it. */
export interface Engine {
  readonly late: LateOptions;
  /** Of every poll. */
  readonly pollSeconds?: number;
  /** Of the source; above it complete sweeps stand for ids. */
  readonly maxFinishedIds?: number;
  /** Counts what is read and handed out. */
  readonly meter?: ReadMeter;
  breakReader?(reader: Reader): Reader;
  breakShipper?(shipper: Shipper): Shipper;
  breakStore?(store: CheckpointStore): CheckpointStore;
}

/** One source, its log group, its destinations and its store: all that outlives an agent. */
export interface RelayWorld {
  /** One agent after the other. `skewMs`: what the clock of its host is ahead of everybody else's. */
  start(skewMs?: number): void;
  /** As SIGTERM does. */
  stop(): Promise<void>;
  /** As kill -9 does: nothing of the agent goes on, and its lease runs out. */
  kill(): void;
  close(): Promise<void>;
  /** How often something happened so far. */
  tally(): RelayTally;
  /** Whether the source ever counted as dense. */
  wasDense(): boolean;
  /** Whether complete sweeps ever stood for ids of finished events. */
  wasProved(): boolean;
  /** What the store has of the source. */
  stored(): Promise<StoredSource>;
}

interface StoredSource {
  readonly status: SourceStatus;
  readonly finishedIds: number;
}

export interface RelayTally {
  readonly crashes: number;
  /** After a clean stop. */
  readonly restarts: number;
  readonly splits: number;
}

interface RelayWorldOptions {
  readonly path: string;
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly engine: Engine;
  readonly group: LogsReader;
  /** By destination; the order is that of their bits. */
  readonly siems: ReadonlyMap<string, FarSiem>;
}

export async function createRelayWorld(options: RelayWorldOptions): Promise<RelayWorld> {
  const { clock, random, engine, group, siems } = options;
  let skewMs = 0;
  const host: Clock = { ...clock, now: () => clock.now() + skewMs };
  const store = await openSqliteStore({ path: options.path, clock: host, commitWaitMs: 0 });
  await store.sync([{ ...SOURCE, source: sourceKey(SOURCE) }]);
  const journal = createCommitJournal(random, () => {
    for (const siem of siems.values()) siem.forgive([...siem.received.keys()]);
  });
  const observed = journal.observe(engine.breakStore?.(store) ?? store);
  let agents = 0;
  let crashes = 0;
  let end: { stop(): Promise<void>; kill(): void } | undefined;

  function supervisor(lifetime: Clock): Supervisor {
    const pace = createQuota(lifetime).paceOf(SOURCE, NO_PACING);
    const reader = createReader({ logs: group, pace, source: SOURCE, clock: lifetime });
    const destinations = new Map(
      [...siems].map(([id, siem]) => {
        const shipper = siem.connect(lifetime);
        return [id, destinationOf(id, engine.breakShipper?.(shipper) ?? shipper)];
      }),
    );
    const { pollSeconds = POLL_SECONDS, meter = createReadMeter() } = engine;
    const poll: PollOptions = {
      ...{ mode: 'standard', baseSeconds: pollSeconds, economySeconds: pollSeconds },
      ...{ activeSeconds: pollSeconds, activeForMinutes: 60 },
    };
    agents += 1;
    return new Supervisor({
      ...{ store: observed, clock: lifetime, random, logger: silentLogger },
      ...{ owner: `agent-${agents}`, leaseMs: 20 * MINUTE_MS, maxRuns: 10, idleMs: 200 * pollSeconds },
      budget: createMemoryBudget(1e9),
      remembered: () => undefined,
      handedOut: ({ customer }, event) => meter.handedOut(customer, event),
      delivered: () => {},
      beforeCommit: () => {},
      lost: () => {},
      setup: () => ({
        ...{ destinations, startAt: 'now' },
        reader: meteredReader(engine.breakReader?.(reader) ?? reader, meter),
        normalize: (event) => normalize(event, SOURCE, { heartbeatRule: 'guardrelay-heartbeat' }),
        options: {
          ...{ poll, late: engine.late, random, once: false },
          ...(engine.maxFinishedIds === undefined ? {} : { maxFinishedIds: engine.maxFinishedIds }),
          ...{ leaseMs: 20 * MINUTE_MS },
        },
      }),
    });
  }

  /** Those of these records that are not finished in the store may come once more. */
  function forgiveUnfinished(idsOf: (siem: FarSiem) => Iterable<string>): void {
    for (const [bit, siem] of [...siems.values()].entries()) {
      siem.forgive([...idsOf(siem)].filter((id) => !journal.hasFinished(eventKey(STREAM, id), bit)));
    }
  }

  return {
    start(nextSkewMs = 0) {
      skewMs = nextSkewMs;
      const stopping = new AbortController();
      const life = { isOver: false };
      const served = supervisor(mortal(host, life)).serve(stopOn(stopping.signal, clock));
      end = {
        async stop() {
          const drainedAt = clock.now() + DRAIN_MS;
          stopping.abort();
          await clock.advance(2 * DRAIN_MS);
          await served;
          // An acknowledgement may come while the last commit is made.
          forgiveUnfinished((siem) => siem.acknowledgedSince(drainedAt));
        },
        kill() {
          life.isOver = true;
          crashes += 1;
          forgiveUnfinished((siem) => siem.received.keys());
        },
      };
    },
    async stop() {
      await end?.stop();
    },
    kill: () => end?.kill(),
    close: () => store.close(),
    tally: () => ({ crashes, restarts: agents - 1 - crashes, splits: journal.splits }),
    wasDense: () => journal.wasDense,
    wasProved: () => journal.wasProved,
    async stored() {
      for await (const status of store.inspect()) {
        return { status, finishedIds: await store.finishedCount(status, Number.MAX_SAFE_INTEGER) };
      }
      throw new Error('the store knows no source');
    },
  };
}

/** The record's text is the id of its event. */
function destinationOf(id: string, shipper: Shipper): Destination {
  return {
    id,
    shipper,
    tally: { truncated: 0, unmapped: 0 },
    wants: () => true,
    encode: (record) => ({ id: record.raw, record, bytes: Buffer.alloc(1_000), truncated: false }),
  };
}

/** Time as a process sees it that may be killed: after that nobody is woken again. */
function mortal(clock: Clock, life: { readonly isOver: boolean }): Clock {
  return {
    ...clock,
    async sleep(ms, signal) {
      await clock.sleep(ms, signal);
      if (life.isOver) await new Promise(() => {});
    },
  };
}
