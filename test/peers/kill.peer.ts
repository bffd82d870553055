import { setTimeout as delay } from 'node:timers/promises';

import t from 'tap';
import { seededRandom } from '../support/random.ts';
import { startAccount } from './support/account.ts';
import type { Agent } from './support/agent.ts';
import {
  type ArrivalLog,
  agesOfRepeated,
  followArrivals,
  untilArrived,
  untilQuiet,
} from './support/arrivals.ts';
import { makeFindings } from './support/findings.ts';
import { eventIdOf } from './support/message.ts';
import { chooseSeed } from './support/random.ts';
import { openStage } from './support/stage.ts';

const KILLS = Number(process.env.GUARDRELAY_PEERS_KILLS ?? 20);
const EVENTS = KILLS * 1_500;
t.setTimeout(60_000 + KILLS * 20_000);
const SETTLE_MS = 200;
/** Each agent first reads again what may have come late: a quarter of an hour of events, on a busy machine. */
const PATIENCE_MS = 120_000;
/** What was acknowledged this long before a kill is settled and committed, also on a busy machine. */
const IN_FLIGHT_MS = SETTLE_MS + 2_500;

/** Kills the agent while it sends, at random moments spread over the drain; answers with those moments. */
async function killOften(agent: Agent, log: ArrivalLog, random: () => number): Promise<readonly number[]> {
  const kills: number[] = [];
  for (let left = KILLS; left > 0; left -= 1) {
    const share = (EVENTS - log.arrivals.size) / (left + 1);
    const target = log.arrivals.size + 1 + Math.floor(random() * share);
    const running = await agent.start('run');
    try {
      await untilArrived(log, target, { everyMs: 5, timeoutMs: PATIENCE_MS });
      await delay(random() * 20);
    } finally {
      await running.end('SIGKILL');
    }
    await untilQuiet(log);
    kills.push(performance.now());
  }
  return kills;
}

t.test(`21 ${KILLS} kills in a drain lose no finding and repeat only what was in flight`, async (t) => {
  const seed = chooseSeed();
  t.comment(`GUARDRELAY_PEERS_SEED=${seed} GUARDRELAY_PEERS_KILLS=${KILLS}`);
  const stage = await openStage();
  t.teardown(stage.close);
  const account = await startAccount();
  t.teardown(account.close);
  const findings = makeFindings(EVENTS);
  await account.write(findings);
  const agent = await stage.agentFor(account.scene, [stage.syslog('tcp', { settleMs: SETTLE_MS })]);
  const log = followArrivals(stage.rsyslogd.file('tcp'), eventIdOf);

  const kills = await killOften(agent, log, seededRandom(seed));
  const beforeLast = log.arrivals.size;
  const ran = await agent.run('run', '--once');
  await log.readOn();

  t.equal(ran.code, 0, 'run --once succeeds', { stderr: ran.stderr });
  const missing = findings.filter(({ id }) => !log.arrivals.has(id)).map(({ id }) => id);
  t.same(missing, [], 'nothing is lost');
  t.equal(log.arrivals.size, EVENTS, 'nothing is made up');
  t.ok(beforeLast < EVENTS, 'the drain was not over at the last kill');
  const ages = agesOfRepeated(log.arrivals, kills);
  const oldest = Math.round(ages.reduce((most, age) => Math.max(most, age), 0));
  t.comment(`${kills.length} kills, ${ages.length} duplicates, received at most ${oldest} ms before a kill`);
  t.ok(oldest < IN_FLIGHT_MS, 'only what was in flight is sent again');
});
