import { join } from 'node:path';
import t, { type Test } from 'tap';

import { openSqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import { sourceHealth } from '../../agent/health/states.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { sourceKey } from '../../agent/model/source.ts';
import type { SourceFacts } from '../../agent/model/source-facts.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { createMemoryBudget } from '../../agent/relay/memory-budget.ts';
import { stopOn } from '../../agent/relay/stop.ts';
import { Supervisor } from '../../agent/relay/supervisor.ts';
import { HEALTH } from '../support/health-facts.ts';
import { HEARTBEAT_ARN, logEvent, SOURCE } from '../support/log-events.ts';
import { createScriptedReader, type ScriptedReader } from '../support/scripted-reader.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const DAYS = 30;
const HEARTBEAT_MINUTES = HEALTH.heartbeatMinutes;
/** Twice the longest interval that a configuration may ask for: half the reads, by the same rules. */
const POLL_SECONDS = 600;
/** More than the longest sweep reads. */
const KEEP_MS = 26 * 60 * MINUTE_MS;

interface Month {
  readonly clock: VirtualClock;
  readonly reader: ScriptedReader;
  facts(): SourceFacts;
  /** What `status` says of the source. */
  state(): string;
  /** Lets time pass, with heartbeats or without. */
  pass(ms: number, heartbeats?: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** One source without findings. */
async function startMonth(t: Test): Promise<Month> {
  const clock = createVirtualClock();
  const beganAt = clock.now();
  const store = await openSqliteStore({ path: join(t.testdir({}), 'state.db'), clock, commitWaitMs: 0 });
  t.teardown(() => store.close());
  const source = sourceKey(SOURCE);
  await store.sync([{ ...SOURCE, source }]);
  const reader = createScriptedReader(clock, beganAt);
  reader.pageSize = 10_000;
  const supervisor = new Supervisor({
    ...{ store, clock, logger: silentLogger, budget: createMemoryBudget(1e9) },
    ...{ owner: 'agent', random: () => 0.5, leaseMs: 2 * DAY_MS, maxRuns: 1, idleMs: POLL_SECONDS * 500 },
    remembered: () => undefined,
    handedOut: () => {},
    delivered: () => {},
    beforeCommit: () => {},
    lost: () => {},
    setup: () => ({
      ...{ reader, destinations: new Map(), startAt: 'now' },
      normalize: (event) => normalize(event, SOURCE, { heartbeatRule: 'guardrelay-heartbeat' }),
      options: {
        poll: {
          ...{ mode: 'standard', economySeconds: 300 },
          ...{ baseSeconds: POLL_SECONDS, activeSeconds: 15, activeForMinutes: 60 },
        },
        late: { overlapMinutes: 15, sweeps: [{ windowMinutes: 1_500, everyMinutes: 360 }] },
        ...{ leaseMs: 2 * DAY_MS, once: false, random: () => 0.5 },
      },
    }),
  });
  const stopping = new AbortController();
  const served = supervisor.serve(stopOn(stopping.signal, clock));
  const facts = (): SourceFacts => supervisor.memory(source)?.facts ?? { pollSeconds: 0, destinations: {} };

  return {
    ...{ clock, reader, facts },
    state: () =>
      sourceHealth({ facts: facts(), firstSeenAt: beganAt, options: HEALTH, now: clock.now() }).state,
    async pass(ms, heartbeats = true) {
      const until = clock.now() + ms;
      while (clock.now() < until) {
        if (heartbeats) reader.events.push(heartbeat(clock.now()));
        while ((reader.events[0]?.timestamp ?? until) < clock.now() - KEEP_MS) reader.events.shift();
        await clock.advance(HEARTBEAT_MINUTES * MINUTE_MS);
      }
    },
    async stop() {
      stopping.abort();
      await clock.advance(2 * DAY_MS);
      await served;
    },
  };
}

function heartbeat(timestamp: number) {
  const message = JSON.stringify({
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    region: SOURCE.region,
    resources: [HEARTBEAT_ARN],
    detail: {},
  });
  return { ...logEvent(message), id: `beat-${timestamp}`, timestamp, ingestionTime: timestamp };
}

t.test('S29 thirty days without a finding are quiet, and neither silent nor failing', async (t) => {
  const month = await startMonth(t);
  const { clock, reader, facts } = month;
  await month.pass(DAY_MS);

  const states = new Set<string>();
  const readsPerDay: number[] = [];
  for (let day = 1; day < DAYS; day += 1) {
    const before = reader.plans.length;
    await month.pass(DAY_MS);
    readsPerDay.push(reader.plans.length - before);
    states.add(month.state());
  }

  const { lastReadAt = 0, lastHeartbeatAt = 0, lastEventAt } = facts();
  t.same([...states], ['quiet']);
  t.ok(clock.now() - lastReadAt <= 2 * POLL_SECONDS * 1_000, 'read until now');
  t.ok(clock.now() - lastHeartbeatAt <= 3 * HEARTBEAT_MINUTES * MINUTE_MS, 'the last heartbeat is known');
  t.equal(lastEventAt, undefined, 'a heartbeat is no event');
  t.ok(Math.max(...readsPerDay) - Math.min(...readsPerDay) <= 1, 'reads a day stay the same');
  t.ok(Math.max(...readsPerDay) <= DAY_MS / (POLL_SECONDS * 1_000), 'one read for each poll');

  await month.pass(40 * MINUTE_MS, false);
  t.equal(month.state(), 'silent', 'the rule of the heartbeat is disabled');
  await month.pass(15 * MINUTE_MS);
  t.equal(month.state(), 'quiet', 'and enabled again');
  const denied = { cause: 'denied', code: 'AUTH-006', error: 'refused', retryAfterMs: MINUTE_MS } as const;
  reader.failure = { kind: 'failed', ...denied };
  await month.pass(30 * MINUTE_MS);
  t.equal(month.state(), 'failing', 'reading is denied');
  await month.stop();
});
