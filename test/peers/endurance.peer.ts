import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';

import { seededRandom } from '../support/random.ts';
import { startAccount } from './support/account.ts';
import { peakMemoryBytes, setUpRelay } from './support/agent.ts';
import { followArrivals } from './support/arrivals.ts';
import { makeCertificates } from './support/certificates.ts';
import { type CrashingReceiver, crashingRsyslogd } from './support/crashing-receiver.ts';
import { makeFindings } from './support/findings.ts';
import { eventIdOf } from './support/message.ts';
import { chooseSeed } from './support/random.ts';
import { startRsyslogd } from './support/rsyslogd.ts';
import { type ShipperLoad, startLoad } from './support/shipper-load.ts';
import { until } from './support/until.ts';

/** One every 2 s. */
const RESTARTS = Number(process.env.GUARDRELAY_PEERS_RESTARTS ?? 6);
t.setTimeout(240_000 + RESTARTS * 20_000);
/** All mostly wait. */
t.jobs = 5;

const MIB = 1_048_576;
const seed = chooseSeed();
t.comment(`GUARDRELAY_PEERS_SEED=${seed} GUARDRELAY_PEERS_RESTARTS=${RESTARTS}`);
const root = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
t.teardown(() => rm(root, { recursive: true }));
const certificates = await makeCertificates(root);

/** 56 KB each, 51 MiB in all: half as much again as the agent may hold for a destination. */
const FINDINGS = 960;
const WORDS = 4_000;
/** A PutLogEvents call takes 1 MB. */
const FINDINGS_PER_CALL = 16;
/** 20 messages a second, so that a slow machine reads faster, too; a hundred wait in rsyslogd. */
const SLOW_QUEUE =
  'queue.type="LinkedList" queue.size="100" queue.dequeueBatchSize="8" queue.dequeueSlowDown="400000"';
const HELD_MIB = 32;
/** The last one that there was room for is taken whole. */
const PAGE_MIB = 2;
/** A page that was on its way when the agent had enough, and what waits in the sockets and in rsyslogd. */
const BEYOND_MIB = 10;
/**
 * Records in flight also stand in the heap, as text and parsed: 160 are enough. All of the findings would not fit, nor
 * would delivered ones that something still holds.
 */
const HEAP_LIMIT_MIB = 208;
const MEMORY_LIMIT_MIB = 576;

/** Bytes of log events. */
interface Meters {
  readonly read: number;
  /** Handed to the destination so far. */
  readonly handed: number;
  readonly held: number;
}

async function metersOf(url: string): Promise<Meters> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`^guardrelay_${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );
  return { read: sum('read_bytes_total'), handed: sum('new_bytes_total'), held: sum('queue_bytes') };
}

async function slowRsyslogd(t: Test) {
  const directory = await mkdtemp(join(root, 'slow-'));
  const rsyslogd = await startRsyslogd(join(directory, 'rsyslogd'), certificates, { mainQueue: SLOW_QUEUE });
  t.teardown(rsyslogd.kill);
  return { directory, rsyslogd };
}

async function accountWithBurst(t: Test) {
  const account = await startAccount();
  t.teardown(account.close);
  const findings = makeFindings(FINDINGS, { words: WORDS });
  for (let at = 0; at < FINDINGS; at += FINDINGS_PER_CALL) {
    await account.write(findings.slice(at, at + FINDINGS_PER_CALL));
  }
  return {
    account,
    ids: findings.map(({ id }) => id),
    bytes: findings.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0),
  };
}

for (const [type, way] of Object.entries({ syslog: 'tcp', relp: 'relp' } as const)) {
  const title = `16 a slow rsyslogd by ${way} slows the reading of log groups, and costs bounded memory`;
  t.test(title, { buffered: true }, async (t) => {
    const { directory, rsyslogd } = await slowRsyslogd(t);
    const { account, ids, bytes } = await accountWithBurst(t);
    const env = { ...account.scene.env, NODE_OPTIONS: `--max-old-space-size=${HEAP_LIMIT_MIB}` };
    const where = { transport: 'tcp', host: '127.0.0.1', port: rsyslogd.ports[way], insecureTransport: true };
    const agent = await setUpRelay(join(directory, 'agent'), { ...account.scene, env }, [
      { id: 'slow', type, format: 'raw', maxMessageBytes: 200_000, ...where },
    ]);
    const file = rsyslogd.file(way);
    const log = followArrivals(file, eventIdOf);
    let [mostAhead, mostHeld] = [0, 0];

    const running = await agent.start('run');
    t.teardown(() => running.end('SIGKILL'));
    await until('the agent serves its metrics', () => metersOf(agent.url).then(Boolean, () => false));
    const watch = async (): Promise<boolean> => {
      if (!running.running()) throw new Error(`the agent has ended by itself: ${running.stderr()}`);
      const { size } = await stat(file).catch(() => ({ size: 0 }));
      const meters = await metersOf(agent.url).catch(() => undefined);
      if (!meters) return false;
      const { read, handed, held } = meters;
      // Once it has everything, it looks for late events behind what it has read.
      if (handed < bytes) mostAhead = Math.max(mostAhead, (read - size) / MIB);
      mostHeld = Math.max(mostHeld, held / MIB);
      await log.readOn();
      return log.arrivals.size >= FINDINGS;
    };
    await until('all findings arrive', watch, { timeoutMs: 120_000, everyMs: 100 });
    const peakMib = Math.round((await peakMemoryBytes(running.pid)) / MIB);
    const exit = await running.end('SIGTERM');
    await log.readOn();

    t.comment(`read ${mostAhead.toFixed(1)} MiB ahead, held ${mostHeld.toFixed(1)} MiB, peak ${peakMib} MiB`);
    t.same([...log.arrivals.keys()].sort(), ids.toSorted(), 'nothing is lost');
    const repeated = [...log.arrivals.values()].filter(({ length }) => length > 1).length;
    t.equal(repeated, 0, 'and slowness repeats nothing');
    // A machine that is slow enough reads hardly faster than rsyslogd takes.
    t.ok(mostHeld > HELD_MIB / 2, 'the agent was far ahead of rsyslogd');
    t.ok(mostHeld < HELD_MIB + PAGE_MIB, 'and held what it may hold');
    t.ok(mostAhead < HELD_MIB + BEYOND_MIB, `and read no more than ${HELD_MIB} MiB ahead of rsyslogd`);
    t.ok(peakMib < MEMORY_LIMIT_MIB, `${peakMib} MiB is less than ${MEMORY_LIMIT_MIB}`);
    t.equal(exit.code, 0, 'the agent ends well', { stderr: running.stderr() });
  });
}

const RESTART_EVERY_MS = 2_000;
/** Settled and unsettled, so this is also what is shipped in a second: files stay small. */
const LOAD_BYTES = 2 * MIB;

/** How far things were while rsyslogd was down. */
interface Restart {
  readonly finalRecords: number;
  readonly writtenLines: number;
}

async function restartOften(receiver: CrashingReceiver, load: ShipperLoad): Promise<readonly Restart[]> {
  const restarts: Restart[] = [];
  while (restarts.length < RESTARTS) {
    await Promise.all([delay(RESTART_EVERY_MS), load.untilFinal(load.final.length + 1)]);
    await receiver.end('SIGTERM');
    const { length: writtenLines } = await receiver.written();
    restarts.push({ finalRecords: load.final.length, writtenLines });
    await receiver.start();
  }
  return restarts;
}

for (const [name, way] of Object.entries({ TCP: 'tcp', TLS: 'ossl', RELP: 'relp' } as const)) {
  const title = `17 rsyslogd by ${name}, restarted every 2 s under load, loses nothing that was reported final`;
  t.test(title, { buffered: true }, async (t) => {
    const receiver = await crashingRsyslogd(way, certificates);
    t.teardown(receiver.close);
    const { destination } = receiver;
    const load = startLoad({ destination, maxInFlightBytes: LOAD_BYTES, random: seededRandom(seed) });

    const restarts = await restartOften(receiver, load);
    await load.finish();
    const written = await receiver.written();

    const once = new Set(written);
    const repeats = written.length - once.size;
    t.comment(`${load.final.length} shipped, ${repeats} repeated`);
    t.equal(load.final.filter((id) => !once.has(id)).length, 0, 'lost');
    for (const [at, { finalRecords, writtenLines }] of restarts.entries()) {
      const final = new Set(load.final.slice(0, finalRecords));
      const again = written.slice(writtenLines).filter((id) => final.has(id)).length;
      t.equal(again, 0, `sent again after restart ${at + 1} though final`);
    }
  });
}
