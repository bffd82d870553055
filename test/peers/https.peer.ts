import t, { type Test } from 'tap';

import { isJsonObject } from '../../agent/model/json.ts';
import { startAccount } from './support/account.ts';
import { setUpRelay } from './support/agent.ts';
import { makeFindings } from './support/findings.ts';
import { type HttpsReceivers, openHttpsReceivers } from './support/https-receivers.ts';
import { SECRETS, WAYS } from './support/https-ways.ts';
import { until } from './support/until.ts';

const ACCOUNT = '111111111111';

/** An agent that reads an account and ships to all receivers by every way. */
async function openScene(t: Test) {
  const receivers = await openHttpsReceivers();
  t.teardown(receivers.close);
  const account = await startAccount();
  t.teardown(account.close);
  for (const { prepare } of WAYS) await prepare?.(receivers);
  const destinations = WAYS.map(({ id, destination }) => ({
    id,
    format: 'raw',
    insecureTransport: true,
    batch: { maxRecords: 100 },
    ...destination(receivers),
  }));
  const scene = { ...account.scene, env: { ...account.scene.env, ...SECRETS } };
  return { receivers, account, agent: await setUpRelay(`${receivers.directory}/agent`, scene, destinations) };
}

function counts(receivers: HttpsReceivers): Promise<readonly number[]> {
  return Promise.all(WAYS.map(async ({ received }) => distinct(await received(receivers)).length));
}

function distinct(records: readonly unknown[]): readonly unknown[] {
  return [...new Map(records.map((record) => [keyOf(record), record])).values()];
}

function keyOf(record: unknown): string {
  return String(isJsonObject(record) ? record.id : record);
}

/** In the order of the texts, or of the ids of documents. */
function sorted(records: readonly unknown[]): readonly unknown[] {
  return records.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

t.test('findings reach every receiver once, and its search finds their account', async (t) => {
  const { receivers, account, agent } = await openScene(t);
  const findings = makeFindings(500);
  await account.write(findings);

  const ran = await agent.run('run', '--once');
  const again = await agent.run('run', '--once');

  t.equal(ran.code, 0, 'run --once succeeds', { stderr: ran.stderr });
  t.equal(again.code, 0, 'so does a second, which finds nothing to send', { stderr: again.stderr });
  for (const { id, received, expected = String, findAccount } of WAYS) {
    const sent = findings.map(({ message }) => expected(message));
    t.strictSame(sorted(await received(receivers)), sorted(sent), id);
    if (findAccount) t.equal(await findAccount(receivers, ACCOUNT), findings.length, `${id}: search`);
  }
});

t.test('receivers that end and come back in the middle have everything', async (t) => {
  const { receivers, account, agent } = await openScene(t);
  const findings = makeFindings(2000);
  await account.write(findings);
  const running = await agent.start('run');
  t.teardown(() => running.end('SIGKILL'));
  await until('some records have arrived', async () => Math.max(...(await counts(receivers))) >= 500);

  const before = await counts(receivers);
  await receivers.restart();
  const isComplete = async () => (await counts(receivers)).every((count) => count >= findings.length);
  await until('all records have arrived', isComplete, { timeoutMs: 120_000, everyMs: 1000 });
  const exit = await running.end('SIGTERM');

  t.comment(`at the end of the receivers: ${before.join(', ')} of ${findings.length}`);
  t.ok(
    before.every((count) => count < findings.length),
    'they ended in the middle',
  );
  for (const { id, received, expected = String, deduplicates } of WAYS) {
    const records = await received(receivers);
    const sent = findings.map(({ message }) => expected(message));
    t.strictSame(sorted(deduplicates ? records : distinct(records)), sorted(sent), id);
  }
  t.equal(exit.code, 0, 'the agent ends well', { stderr: running.stderr() });
});
