import { setTimeout as delay } from 'node:timers/promises';

import t from 'tap';

import { type Account, startAccount } from './support/account.ts';
import { peakMemoryBytes } from './support/agent.ts';
import { followArrivals } from './support/arrivals.ts';
import { type LoggedFinding, makeFindings } from './support/findings.ts';
import { eventIdOf } from './support/message.ts';
import { openStage } from './support/stage.ts';
import { until } from './support/until.ts';
import { startWebhook, type Webhook } from './support/webhook.ts';

t.setTimeout(300_000);

/** How long rsyslogd takes nothing. */
const OUTAGE_SECONDS = Number(process.env.GUARDRELAY_PEERS_OUTAGE_SECONDS ?? 20);
/** 140 MB, of which the agent may hold 64 MiB for one destination. */
const BURST = 80_000;
const PER_SECOND = 50;
/** Records in flight also stand in the heap, as text and parsed. All of the burst would not fit into it. */
const HEAP_LIMIT_MIB = 384;
const MEMORY_LIMIT_MIB = 1024;

/** A burst, and then findings each second until the outage is over. */
async function writeThroughOutage(account: Account): Promise<readonly LoggedFinding[]> {
  const ends = performance.now() + OUTAGE_SECONDS * 1000;
  const written = [...makeFindings(BURST, { perSecond: 500, prefix: 'burst' })];
  await account.write(written);
  for (let second = 0; performance.now() < ends; second += 1) {
    const findings = makeFindings(PER_SECOND, { prefix: `second-${second}` });
    await account.write(findings);
    written.push(...findings);
    await delay(1000);
  }
  return written;
}

function missing(findings: readonly LoggedFinding[], ids: ReadonlySet<string>): readonly string[] {
  return findings.map(({ id }) => id).filter((id) => !ids.has(id));
}

function destinationOf({ url }: Webhook) {
  return { id: 'webhook', type: 'webhook', url, insecureTransport: true, format: 'raw' };
}

t.test('a dead rsyslogd loses nothing, costs bounded memory, and delays no other destination', async (t) => {
  const stage = await openStage();
  t.teardown(stage.close);
  const account = await startAccount();
  t.teardown(account.close);
  const webhook = await startWebhook();
  t.teardown(webhook.close);
  const env = { ...account.scene.env, NODE_OPTIONS: `--max-old-space-size=${HEAP_LIMIT_MIB}` };
  const agent = await stage.agentFor({ ...account.scene, env }, [
    stage.syslog('tcp'),
    destinationOf(webhook),
  ]);
  const rsyslog = followArrivals(stage.rsyslogd.file('tcp'), eventIdOf);
  const early = makeFindings(1000, { prefix: 'early' });
  await account.write(early);
  const running = await agent.start('run');
  t.teardown(() => running.end('SIGKILL'));
  await until('rsyslogd has the first findings', async () => {
    await rsyslog.readOn();
    return rsyslog.arrivals.size === early.length;
  });

  stage.rsyslogd.pause();
  const late = await writeThroughOutage(account);
  const all = [...early, ...late];
  await until('the webhook has everything', () => webhook.records.length >= all.length);
  await stage.rsyslogd.kill();
  await rsyslog.readOn();
  const beforeReturn = rsyslog.arrivals.size;
  await stage.rsyslogd.start();
  await until(
    'rsyslogd has everything',
    async () => {
      await rsyslog.readOn();
      return rsyslog.arrivals.size >= all.length;
    },
    { timeoutMs: 120_000 },
  );
  const peakMiB = Math.round((await peakMemoryBytes(running.pid)) / 2 ** 20);
  const exit = await running.end('SIGTERM');

  t.comment(
    `${OUTAGE_SECONDS} s, ${all.length} findings, ${beforeReturn} before the return, peak ${peakMiB} MiB`,
  );
  t.same(webhook.records.map(eventIdOf).sort(), all.map(({ id }) => id).sort(), 'the webhook has each once');
  t.ok(beforeReturn < all.length, 'rsyslogd had not everything when it was dead');
  t.same(missing(all, new Set(rsyslog.arrivals.keys())), [], 'rsyslogd has everything after its return');
  t.ok(peakMiB < MEMORY_LIMIT_MIB, `${peakMiB} MiB is less than ${MEMORY_LIMIT_MIB}`);
  t.equal(exit.code, 0, 'the agent ends well', { stderr: running.stderr() });
});
