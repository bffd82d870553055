import type { ServerResponse } from 'node:http';
import { memoryUsage } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';

import { guardDutyRegions } from '../../agent/aws/regions.ts';
import type { FaultEffect } from '../../agent/localaws/world.ts';
import { HOME } from '../support/local-aws.ts';
import { createRandom, type Random } from '../support/random.ts';
import { GROUP, putFindings, type RelayScene, type SceneCustomer, setScene } from '../support/relay-scene.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

// All that keeps something for each finding or request stands in this process too, so it keeps numbers only.

/** Minutes in which memory is watched. Each reads every source once. */
const MINUTES = Number(process.env.GUARDRELAY_SOAK_MINUTES ?? 2);
const WARM_UP_MINUTES = 2;
t.setTimeout(180_000 + MINUTES * 60_000);

const MINUTE_MS = 60_000;
const CUSTOMERS = 50;
const REGIONS = guardDutyRegions('aws')
  .slice(0, 30)
  .map(({ region }) => region);
const SOURCES = CUSTOMERS * REGIONS.length;
const FINDINGS_PER_MINUTE = 300;
/** So long until the agent has made about a hundred calls, one of which fails. */
const SLICE_MS = 4_000;
const CALLS_PER_SLICE = (SOURCES * SLICE_MS) / MINUTE_MS;
const FAULT_SHARE = 0.01;
/**
 * A record that nobody let go of takes 3 to 4 KB. The embedded AWS keeps the text of each finding, and the agent its
 * id for the sweeps: some 300 bytes for each read, of which every fifth has one.
 */
const MAX_GROWTH_BYTES_PER_READ = 1_000;

const AWS_FAULTS: readonly FaultEffect[] = [
  { kind: 'cut' },
  { kind: 'error', code: 'ThrottlingException', message: 'Rate exceeded', statusCode: 400 },
  { kind: 'error', code: 'ServiceUnavailableException', message: 'Try again', statusCode: 503 },
];

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What is still in use. What only finalizers let go of takes another turn. */
async function usedBytes(): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) {
    collectGarbage();
    await setImmediate();
  }
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external;
}

const customers: readonly SceneCustomer[] = Array.from({ length: CUSTOMERS }, (_, index) => ({
  id: `customer-${index}`,
  account: String(100_000_000_000 + index),
  regions: REGIONS,
  settings: { poll: { baseSeconds: 60, activeSeconds: 60 } },
}));

function furnish({ aws }: RelayScene): void {
  for (const { account } of customers) {
    aws.world.accounts.add({ id: account, regions: REGIONS });
    for (const region of REGIONS) aws.logs.groups({ ...HOME, account, region }).create({ name: GROUP });
  }
}

const RESET = { write: (response: ServerResponse) => void response.destroy() };

interface Arrivals {
  /** How often each finding was taken, by its number. */
  readonly counts: Uint8Array;
  taken: number;
  failures: number;
  /** Findings whose taking the agent never learned of. */
  unanswered: number;
}

/** Takes findings but for 503s and resets, half of which come after they were taken. */
function takeWithFaults(receiver: WebhookReceiver, random: Random, most: number): Arrivals {
  const arrivals: Arrivals = { counts: new Uint8Array(most), taken: 0, failures: 0, unanswered: 0 };
  function take(lines: readonly string[]): void {
    for (const line of lines) {
      const index = Number(JSON.parse(line).event.id);
      if (arrivals.counts[index] === 0) arrivals.taken += 1;
      arrivals.counts[index] = (arrivals.counts[index] ?? 0) + 1;
    }
  }
  receiver.answer = ({ lines }) => {
    receiver.requests.length = 0;
    const isHit = random.chance(FAULT_SHARE);
    const isTaken = !isHit || random.chance(0.5);
    if (isTaken) take(lines);
    if (!isHit) return { status: 200 };
    arrivals.failures += 1;
    if (isTaken) arrivals.unanswered += lines.length;
    return isTaken || random.chance(0.5) ? RESET : { status: 503 };
  };
  return arrivals;
}

interface Soak {
  /** Findings that were written. */
  readonly written: number;
  pass(minutes: number): Promise<void>;
}

function createSoak(scene: RelayScene, random: Random): Soak {
  const { aws, clock } = scene;
  let written = 0;

  async function slice(): Promise<void> {
    const end = aws.world.faults.add({
      ...{ service: 'logs', operation: 'FilterLogEvents', effect: random.pick(AWS_FAULTS) },
      ...{ after: random.below(CALLS_PER_SLICE), times: 1 },
    });
    for (let left = (FINDINGS_PER_MINUTE * SLICE_MS) / MINUTE_MS; left > 0; left -= 1) {
      const place = { ...HOME, account: random.pick(customers).account, region: random.pick(REGIONS) };
      putFindings(scene, place, [String(written)]);
      written += 1;
    }
    await clock.advance(SLICE_MS);
    end();
  }

  return {
    get written() {
      return written;
    },
    async pass(minutes) {
      const until = clock.now() + minutes * MINUTE_MS;
      while (clock.now() < until) await slice();
    },
  };
}

t.test(`53 ${SOURCES} sources with 1 % faults lose nothing, and memory stays flat`, async (t) => {
  const random = createRandom(53);
  const receiver = await startWebhookReceiver(t);
  const arrivals = takeWithFaults(receiver, random, (WARM_UP_MINUTES + MINUTES) * FINDINGS_PER_MINUTE);
  const scene = await setScene(t, { customers });
  furnish(scene);
  const agent = await scene.start({ destinations: [{ id: 'siem', url: receiver.url }] });
  const soak = createSoak(scene, random);
  const settled = async (): Promise<number> => {
    await scene.until('everything is delivered', () => arrivals.taken === soak.written);
    return usedBytes();
  };

  await scene.clock.advance(MINUTE_MS);
  await soak.pass(WARM_UP_MINUTES);
  const before = await settled();
  await soak.pass(MINUTES);
  const after = await settled();
  const sources = agent.health();
  await agent.stop();

  const growth = Math.round((after - before) / (MINUTES * SOURCES));
  const repeats = arrivals.counts.reduce((sum, count) => sum + count, 0) - soak.written;
  t.comment(
    `${MINUTES} minutes, ${soak.written} findings, ${arrivals.failures} requests failed, ${repeats} repeats, ` +
      `${Math.round(before / 1e6)} MB before and ${Math.round(after / 1e6)} after: ${growth} bytes for each read`,
  );
  t.equal(sources.length, SOURCES, 'every source is read');
  t.ok(arrivals.failures > 0, 'the destination failed at times');
  t.ok(repeats <= arrivals.unanswered, 'nothing came again but what the agent could not know');
  t.ok(growth < MAX_GROWTH_BYTES_PER_READ, `${growth} bytes for each read`);
});
