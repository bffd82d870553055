import t from 'tap';

import type { Scene } from './support/agent.ts';
import { type ArrivalLog, untilArrived, untilQuiet } from './support/arrivals.ts';
import { type LoggedFinding, makeFindings } from './support/findings.ts';
import { followLives } from './support/lives.ts';
import { type LogGroup, makeLogGroup } from './support/log-group.ts';
import { OPERATOR, startMoto } from './support/moto.ts';
import { openStage } from './support/stage.ts';

/** Three pages, and some more while the agent runs. */
const EARLY = 24_000;
const LATE = 4_000;
const STREAMS = ['a', 'b', 'c', 'd'];
const REGION = 'us-east-1';
/** Whose moto takes those to be who have assumed no role. */
const ACCOUNT = '123456789012';
const SETTLE_MS = 200;

function sceneOf(endpointUrl: string): Scene {
  const { accessKeyId, secretAccessKey } = OPERATOR;
  return {
    endpointUrl,
    customer: {
      id: 'acme',
      auth: { type: 'keys', accessKeyId: 'env:KEY_ID', secretAccessKey: 'env:SECRET_KEY' },
      accounts: { collect: [ACCOUNT] },
      regions: [REGION],
    },
    env: { KEY_ID: accessKeyId, SECRET_KEY: secretAccessKey },
  };
}

/** To all streams by turns: moto pages through one after the other, so times go back at each. */
async function spread(group: LogGroup, findings: readonly LoggedFinding[]): Promise<void> {
  for (const [turn, stream] of STREAMS.entries()) {
    await group.write(
      findings.filter((_, at) => at % STREAMS.length === turn),
      stream,
    );
  }
}

function repeated({ arrivals }: ArrivalLog): number {
  return [...arrivals.values()].filter(({ length }) => length > 1).length;
}

t.test('a drain from moto that is stopped once and killed once loses nothing', async (t) => {
  const moto = await startMoto();
  t.teardown(moto.stop);
  const stage = await openStage();
  t.teardown(stage.close);
  const group = await makeLogGroup({ endpoint: moto.url, region: REGION, credentials: OPERATOR }, STREAMS);
  t.teardown(group.close);
  const early = makeFindings(EARLY, { words: 0 });
  await spread(group, early);
  const lives = followLives({ stage, scene: sceneOf(moto.url), group, settleMs: SETTLE_MS });
  const { log } = lives;

  const first = await lives.start();
  await untilArrived(log, 500, { everyMs: 5 });
  const stopped = await first.end('SIGTERM');
  await untilQuiet(log);
  const atStop = log.arrivals.size;
  const finishedAtStop = await lives.noteFinished();

  const late = makeFindings(LATE, { prefix: 'late', words: 0 });
  await spread(group, late);
  const second = await lives.start();
  await untilArrived(log, atStop + 500, { everyMs: 5 });
  const againAfterStop = repeated(log);
  await second.end('SIGKILL');
  await untilQuiet(log);
  const atKill = log.arrivals.size;
  const finishedAtKill = await lives.noteFinished();

  const ran = await lives.runOnce();
  await log.readOn();

  t.equal(stopped.code, 0, 'SIGTERM ends it well', { stderr: first.stderr() });
  t.equal(ran.code, 0, 'run --once succeeds', { stderr: ran.stderr });
  t.comment(`${atStop} before the stop, ${atKill} before the kill, of ${EARLY + LATE}`);
  t.ok(atStop < EARLY, 'the drain was not over when it was stopped');
  t.ok(atKill < EARLY + LATE, 'nor when it was killed');
  const ids = [...early, ...late].map(({ id }) => id);
  t.same([...log.arrivals.keys()].toSorted(), ids.toSorted(), 'nothing is lost or made up');
  t.comment(`at the stop the store had ${finishedAtStop} of ${atStop}; ${againAfterStop} came again`);
  t.comment(
    `at the kill it had ${finishedAtKill} of ${atKill}; ${repeated(log) - againAfterStop} came again`,
  );
  t.same(await lives.sentAgain(), [], 'what the store had is not sent again');
});
