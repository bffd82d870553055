import { setTimeout as delay } from 'node:timers/promises';

import t from 'tap';
import { startAccount } from './support/account.ts';
import type { Agent } from './support/agent.ts';
import { type ArrivalLog, type Arrivals, followArrivals } from './support/arrivals.ts';
import { makeFindings } from './support/findings.ts';
import { eventIdOf } from './support/message.ts';
import { chooseSeed, seededRandom } from './support/random.ts';
import { openStage } from './support/stage.ts';
import { until } from './support/until.ts';

const EVENTS = 20_000;
const KILLS = 20;
const SETTLE_MS = 500;
/** What was acknowledged this long before a kill is settled and committed, also on a busy machine. */
const IN_FLIGHT_MS = SETTLE_MS + 2_500;

/** Kills the agent at random moments of the drain, spread over it; answers with those moments. */
async function killOften(agent: Agent, log: ArrivalLog, random: () => number): Promise<readonly number[]> {
  const moments = Array.from({ length: KILLS }, () => Math.floor(random() * EVENTS)).sort((a, b) => a - b);
  const kills: number[] = [];
  for (const arrived of moments) {
    const running = await agent.start('run');
    await until(`${arrived} findings arrived`, () => hasArrived(log, arrived), { everyMs: 5 });
    await delay(random() * 200);
    await running.end('SIGKILL');
    await untilQuiet(log);
    kills.push(performance.now());
  }
  return kills;
}

async function hasArrived(log: ArrivalLog, count: number): Promise<boolean> {
  await log.readOn();
  return log.arrivals.size > count;
}

/** rsyslogd has written what had reached it. */
async function untilQuiet(log: ArrivalLog): Promise<void> {
  for (let added = 1; added > 0; ) {
    await delay(100);
    added = await log.readOn();
  }
}

/** Records that came again although they had been acknowledged long before the kill in between. */
function sentAgainInVain(arrivals: Arrivals, kills: readonly number[]): readonly string[] {
  const needless = ([first = 0, ...again]: readonly number[]): boolean =>
    again.some((at) => first < (kills.findLast((kill) => kill < at) ?? Infinity) - IN_FLIGHT_MS);
  return [...arrivals].filter(([, times]) => needless(times)).map(([id]) => id);
}

t.test('20 kills in the drain of 20,000 findings lose none and repeat only what was in flight', async (t) => {
  const seed = chooseSeed();
  t.comment(`GUARDRELAY_PEERS_SEED=${seed}`);
  const stage = await openStage();
  t.teardown(stage.close);
  const account = await startAccount();
  t.teardown(account.close);
  const findings = makeFindings(EVENTS);
  await account.write(findings);
  const agent = await stage.agentFor(account.scene, [stage.syslog('tcp', { settleMs: SETTLE_MS })]);
  const log = followArrivals(stage.rsyslogd.file('tcp'), eventIdOf);

  const kills = await killOften(agent, log, seededRandom(seed));
  const ran = await agent.run('run', '--once');
  await log.readOn();

  t.equal(ran.code, 0, ran.stderr);
  const missing = findings.filter(({ id }) => !log.arrivals.has(id)).map(({ id }) => id);
  t.same(missing, [], 'nothing is lost');
  t.equal(log.arrivals.size, EVENTS, 'nothing is made up');
  t.same(sentAgainInVain(log.arrivals, kills), [], 'what was settled is not sent again');
  const copies = [...log.arrivals.values()].reduce((sum, { length }) => sum + length - 1, 0);
  t.comment(`${kills.length} kills, ${copies} duplicates`);
});
