import { setTimeout as delay } from 'node:timers/promises';

import t from 'tap';
import { seededRandom } from '../support/random.ts';
import { startAccount } from './support/account.ts';
import { untilArrived, untilQuiet } from './support/arrivals.ts';
import { makeFindings } from './support/findings.ts';
import { followLives, type Lives } from './support/lives.ts';
import { chooseSeed } from './support/random.ts';
import { openStage } from './support/stage.ts';

const KILLS = Number(process.env.GUARDRELAY_PEERS_KILLS ?? 20);
const EVENTS = KILLS * 1_500;
t.setTimeout(60_000 + KILLS * 20_000);
const SETTLE_MS = 200;
/** Each agent first reads again what may have come late: a quarter of an hour of events, on a busy machine. */
const PATIENCE_MS = 120_000;

/** Kills the agent while it sends, at random moments spread over the drain; answers with how much it had finished. */
async function killOften(lives: Lives, random: () => number): Promise<number> {
  const { log } = lives;
  let finished = 0;
  for (let left = KILLS; left > 0; left -= 1) {
    const share = (EVENTS - log.arrivals.size) / (left + 1);
    const target = log.arrivals.size + 1 + Math.floor(random() * share);
    const running = await lives.start();
    try {
      await untilArrived(log, target, { everyMs: 5, timeoutMs: PATIENCE_MS });
      await delay(random() * 20);
    } finally {
      await running.end('SIGKILL');
    }
    await untilQuiet(log);
    finished = await lives.noteFinished();
  }
  return finished;
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
  const lives = followLives({ stage, scene: account.scene, group: account, settleMs: SETTLE_MS });
  const { log } = lives;

  const finished = await killOften(lives, seededRandom(seed));
  const beforeLast = log.arrivals.size;
  const ran = await lives.runOnce();
  await log.readOn();

  t.equal(ran.code, 0, 'run --once succeeds', { stderr: ran.stderr });
  const missing = findings.filter(({ id }) => !log.arrivals.has(id)).map(({ id }) => id);
  t.same(missing, [], 'nothing is lost');
  t.equal(log.arrivals.size, EVENTS, 'nothing is made up');
  t.ok(beforeLast < EVENTS, 'the drain was not over at the last kill');
  t.same(await lives.sentAgain(), [], 'what the store had as finished at a kill is not sent again');
  const repeats = [...log.arrivals.values()].reduce((sum, { length }) => sum + length - 1, 0);
  t.comment(`${repeats} duplicates; at the last kill ${finished} finished of ${beforeLast} that had arrived`);
  t.ok(finished > beforeLast / 2, 'and the store had kept up');
});
