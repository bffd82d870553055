import { setTimeout as delay } from 'node:timers/promises';

import t from 'tap';

import { type Account, startAccount } from './support/account.ts';
import { peakMemoryBytes } from './support/agent.ts';
import { followArrivals, untilArrived } from './support/arrivals.ts';
import { type LoggedFinding, makeFindings } from './support/findings.ts';
import { eventIdOf } from './support/message.ts';
import { openStage } from './support/stage.ts';
import { until } from './support/until.ts';
import { startWebhook } from './support/webhook.ts';

/** How long rsyslogd takes nothing. */
const OUTAGE_SECONDS = Number(process.env.GUARDRELAY_PEERS_OUTAGE_SECONDS ?? 20);
/** 140 MB, of which the agent may hold 32 MiB for one destination. */
const BURST = 80_000;
const PER_SECOND = 50;
/** Records in flight also stand in the heap, as text and parsed. All of the burst would not fit into it. */
const HEAP_LIMIT_MIB = 384;
const MEMORY_LIMIT_MIB = 768;

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

t.test('a dead rsyslogd loses nothing, costs bounded memory, and delays no other destination', async (t) => {
  const stage = await openStage();
  t.teardown(stage.close);
  const account = await startAccount();
  t.teardown(account.close);
  const webhook = await startWebhook();
  t.teardown(webhook.close);
  const rsyslog = followArrivals(stage.rsyslogd.file('tcp'), eventIdOf);
  const env = { ...account.scene.env, NODE_OPTIONS: `--max-old-space-size=${HEAP_LIMIT_MIB}` };
  const destinations = [stage.syslog('tcp'), webhook.destination];
  const agent = await stage.agentFor({ ...account.scene, env }, destinations);
  const early = makeFindings(1000, { prefix: 'early' });
  await account.write(early);
  const running = await agent.start('run');
  t.teardown(() => running.end('SIGKILL'));
  await untilArrived(rsyslog, early.length);

  stage.rsyslogd.pause();
  const all = [...early, ...(await writeThroughOutage(account))];
  await until('the webhook has everything', () => webhook.records.length >= all.length);
  await stage.rsyslogd.kill();
  await rsyslog.readOn();
  const beforeReturn = rsyslog.arrivals.size;
  await stage.rsyslogd.start();
  await untilArrived(rsyslog, all.length, { timeoutMs: 120_000 });
  const peakMiB = Math.round((await peakMemoryBytes(running.pid)) / 2 ** 20);
  const exit = await running.end('SIGTERM');

  t.comment(`dead for ${OUTAGE_SECONDS} s, ${all.length} findings, peak ${peakMiB} MiB`);
  const ids = all.map(({ id }) => id).sort();
  t.same(webhook.records.map(eventIdOf).sort(), ids, 'the webhook had each once before rsyslogd came back');
  t.equal(beforeReturn, early.length, 'rsyslogd took nothing while it was dead');
  t.same([...rsyslog.arrivals.keys()].sort(), ids, 'and has everything after its return');
  t.ok(peakMiB < MEMORY_LIMIT_MIB, `${peakMiB} MiB is less than ${MEMORY_LIMIT_MIB}`);
  t.equal(exit.code, 0, 'the agent ends well', { stderr: running.stderr() });
});
