import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { z } from 'zod';

import { createLogsReader } from '../../agent/aws/logs-reader.ts';
import { createQuota } from '../../agent/aws/quota.ts';
import { openSqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import type { SourceStatus } from '../../agent/checkpoint/store.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { type Source, sourceKey } from '../../agent/model/source.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import type { PollOptions } from '../../agent/relay/cadence.ts';
import type { Destination } from '../../agent/relay/destination.ts';
import { createMemoryBudget } from '../../agent/relay/memory-budget.ts';
import { stopOn } from '../../agent/relay/stop.ts';
import { Supervisor } from '../../agent/relay/supervisor.ts';
import { createQuarantine } from '../../agent/ship/quarantine.ts';
import { createShipper } from '../../agent/ship/shipper.ts';
import { createSink, destinationOptions } from '../../agent/ship/sinks/index.ts';
import { createReader } from '../../agent/tail/reader.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { createBulkServer } from '../support/bulk-server.ts';
import { HOME, startTestAws, type TestAws } from '../support/local-aws.ts';
import { networkRest } from '../support/network-rest.ts';
import { finding, GROUP } from '../support/relay-scene.ts';
import { scenario } from '../support/scenario.ts';
import { sinkDeps } from '../support/ship-records.ts';
import { LATE } from '../support/tailer.ts';
import { createVirtualClock, finish } from '../support/virtual-clock.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const SOURCE: Source = { ...HOME, customer: 'acme', logGroup: GROUP };
const DESTINATION = 'bulk';
const LEASE_MS = 20 * SECOND_MS;
const POLL: PollOptions = {
  ...{ mode: 'standard', baseSeconds: 60, economySeconds: 300 },
  ...{ activeSeconds: 15, activeForMinutes: 60 },
};

/** A search engine that refuses some documents for good, and others until it has time for them. */
async function startEngine(t: Test) {
  const receiver = await startWebhookReceiver(t);
  const server = createBulkServer();
  const engine = {
    url: new URL('/', receiver.url).href,
    isBusy: true,
    batches: () => receiver.requests.map(({ lines }) => lines.filter((_, at) => at % 2 === 1).map(idOf)),
    indexed: () => server.documents.map(({ line }) => idOf(line)),
  };

  function statusOf(id: string): number | undefined {
    if (id.startsWith('bad')) return 400;
    return id.startsWith('busy') && engine.isBusy ? 429 : undefined;
  }

  receiver.answer = server.answer;
  server.interfere = ({ line }) => {
    const status = statusOf(idOf(line));
    return status === undefined ? undefined : { status };
  };
  return engine;
}

function idOf(line: string): string {
  return z.object({ id: z.string() }).parse(JSON.parse(line)).id;
}

/** One source on the embedded AWS, from the real reader through the real store and shipper to the engine. */
async function startRelay(t: Test, test: TestAws, url: string) {
  const { clock } = test;
  const directory = t.testdir({});
  const quarantinePath = join(directory, 'quarantine.ndjson');
  const store = await openSqliteStore({ path: join(directory, 'state.db'), clock, commitWaitMs: 0 });
  await store.sync([{ ...SOURCE, source: sourceKey(SOURCE) }]);
  const common = { clock, random: () => 0.5, logger: silentLogger };
  const options = { id: DESTINATION, type: 'elasticsearch', url, insecureTransport: true, index: 'findings' };
  const sink = createSink(destinationOptions.parse(options), sinkDeps({ clock }));
  const shipper = createShipper({
    ...{ ...common, sink, destination: DESTINATION, quarantine: createQuarantine(quarantinePath) },
  });
  const tally = { truncated: 0, unmapped: 0 };
  const destination: Destination = {
    ...{ id: DESTINATION, shipper, tally, wants: () => true },
    encode: (record) => sink.encode(record),
  };
  const logs = createLogsReader({ clients: clientsOf(t, test), scopeOf: () => OWN_SCOPE });
  const pace = createQuota(clock).paceOf(SOURCE, 0.2);
  const supervisor = new Supervisor({
    ...{ ...common, store, budget: createMemoryBudget(1e9) },
    ...{ owner: 'agent', leaseMs: LEASE_MS, maxRuns: 10, idleMs: 125 },
    remembered: () => undefined,
    handedOut() {},
    delivered() {},
    beforeCommit() {},
    lost() {},
    setup: (_, memory) => ({
      reader: createReader({ logs, pace, source: SOURCE, clock, memory }),
      ...{ destinations: new Map([[DESTINATION, destination]]), startAt: '-25h' },
      normalize: (event) => normalize(event, SOURCE, { heartbeatRule: 'guardrelay-heartbeat' }),
      options: {
        poll: POLL,
        late: LATE,
        once: false,
        leaseMs: LEASE_MS,
        random: () => 0.5,
      },
    }),
  });
  const stopping = new AbortController();
  const served = supervisor.serve(stopOn(stopping.signal, clock));

  return {
    async status(): Promise<SourceStatus | undefined> {
      for await (const status of store.inspect()) return status;
      return undefined;
    },
    quarantined: () =>
      readFileSync(quarantinePath, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    async stop() {
      stopping.abort();
      await finish(clock, served);
      await finish(clock, shipper.close(SECOND_MS));
      await store.close();
    },
  };
}

scenario('S39 of one batch some items are refused and some are to be sent again', async (t, pages) => {
  const test = await startTestAws(t, createVirtualClock(undefined, networkRest));
  const { clock, aws } = test;
  if (pages === 'unsorted') aws.world.faults.add({ effect: { kind: 'unsorted' } });
  const engine = await startEngine(t);
  const ids = ['good 0', 'bad 1', 'good 2', 'busy 3', 'bad 4', 'good 5', 'busy 6', 'good 7'];
  const writtenAt = clock.now() - MINUTE_MS;
  const timeOf = (id: string): number => writtenAt + ids.indexOf(id) * SECOND_MS;
  aws.logs.insert(
    HOME,
    GROUP,
    ids.map((id) => ({ timestamp: timeOf(id), message: finding(id, HOME) })),
  );
  const relay = await startRelay(t, test, engine.url);

  await clock.advance(MINUTE_MS);
  const whileBusy = await relay.status();
  engine.isBusy = false;
  await clock.advance(MINUTE_MS);
  const afterwards = await relay.status();
  await relay.stop();

  t.same(engine.batches()[0]?.toSorted(), ids.toSorted(), 'all in one batch');
  t.match(
    whileBusy?.saved?.positions,
    [{ floor: timeOf('busy 3') }],
    'waits for those that may yet be taken',
  );
  t.match(whileBusy?.facts?.destinations, { [DESTINATION]: { quarantined: 2, waiting: 2 } });
  t.match(afterwards?.saved?.positions, [{ floor: timeOf('good 7') }]);
  t.match(afterwards?.facts?.destinations, { [DESTINATION]: { quarantined: 2, waiting: 0 } });
  const good = ids.filter((id) => !id.startsWith('bad'));
  t.same(engine.indexed().toSorted(), good.toSorted(), 'what was taken is not sent again');
  const refused = relay.quarantined().map(({ raw, code }) => [JSON.parse(raw).id, code]);
  t.same(refused.toSorted(), [
    ['bad 1', '400'],
    ['bad 4', '400'],
  ]);
});
