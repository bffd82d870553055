import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import { openSqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import { EVERYTHING } from '../../agent/commands/doctor/agenda.ts';
import { AGENT_CHECKS, type CheckedAgent, examineAgent } from '../../agent/commands/doctor/agent.ts';
import type { CheckResult } from '../../agent/deploy/checks/check.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const PLENTY = { limitBytes: 4e9, freeBytes: 3e9 };
const LEASE_MS = 20_000;

function agentIn(dataDir: string): CheckedAgent {
  return { dataDir, clock: createVirtualClock(), memory: PLENTY };
}

/** What each check says; undefined where it does not apply. */
async function resultsOf(agent: CheckedAgent): Promise<Readonly<Record<string, CheckResult>>> {
  const only = AGENT_CHECKS.map(({ code }) => code);
  const rows = await examineAgent(agent, { only, agenda: EVERYTHING });
  return Object.fromEntries(rows.map(({ check, result }) => [check, result]));
}

/** A store in which these agents hold one source each. */
async function storeHeldBy(t: Test, agent: CheckedAgent, owners: readonly string[]): Promise<void> {
  const store = await openSqliteStore({ path: join(agent.dataDir, 'state.db'), clock: agent.clock });
  t.teardown(() => store.close());
  const specs = owners.map((owner) => ({
    ...{ source: `acme/${owner}`, customer: 'acme', account: '111122223333', region: 'eu-west-1' },
    ...{ partition: 'aws', logGroup: '/aws/events/guardrelay' },
  }));
  await store.sync(specs);
  for (const [at, owner] of owners.entries()) await store.acquire(owner, specs.slice(at, at + 1), LEASE_MS);
}

t.test('AGT-001 a directory that is not there yet will do, if it can be made', async (t) => {
  const directory = t.testdir({ file: 'not a directory' });

  const fresh = await resultsOf(agentIn(join(directory, 'data', 'deeper')));
  const blocked = await resultsOf(agentIn(join(directory, 'file', 'data')));

  t.match(fresh['AGT-001'], {
    kind: 'passed',
    found: /data\/deeper can be made, and has \d+ MB of free space$/,
  });
  t.match(blocked['AGT-001'], { kind: 'failed', code: 'AGT-001', fix: /agent\.dataDir/ });
  t.same(Object.keys(fresh), ['AGT-001', 'AGT-004'], 'without a store there is nothing to say of it');
});

t.test('AGT-002 every page of the store is read, and nothing is repaired', async (t) => {
  const sound = agentIn(join(t.testdir({ sound: {}, damaged: {} }), 'sound'));
  const damaged = agentIn(join(t.testdirName, 'damaged'));
  await storeHeldBy(t, sound, []);
  await writeFile(join(damaged.dataDir, 'state.db'), 'this is no store');

  const passed = await resultsOf(sound);
  const failed = await resultsOf(damaged);
  const again = await resultsOf(damaged);

  t.match(passed['AGT-002'], { kind: 'passed' });
  t.match(failed['AGT-002'], { kind: 'failed', code: 'AGT-002', fix: /guardrelay run/ });
  t.match(failed['AGT-003'], { kind: 'skipped', why: /AGT-002/ });
  t.same(again, failed, 'it stays as it was found');
});

t.test('AGT-003 two agents with one data directory are a warning until a lease is over', async (t) => {
  const clock = createVirtualClock();
  const agent = { ...agentIn(t.testdir({})), clock };
  await storeHeldBy(t, agent, ['relay-1-aaaa', 'relay-1-bbbb']);

  const shared = await resultsOf(agent);
  await clock.advance(LEASE_MS + 1);
  const alone = await resultsOf(agent);

  t.match(shared['AGT-003'], {
    ...{ kind: 'warned', code: 'AGT-003' },
    found: /^2 agents read .*: relay-1-aaaa \(1 source\), relay-1-bbbb \(1 source\)$/,
  });
  t.match(alone['AGT-003'], { kind: 'passed', found: 'no agent reads at this moment' });
});

t.test('AGT-004 memory is judged by the limit and by what is free', async (t) => {
  const dataDir = t.testdir({});
  const cases = [
    { memory: PLENTY, kind: 'passed', found: /4000 MB in all, 3000 MB are free/ },
    { memory: { limitBytes: 512e6, freeBytes: 400e6 }, kind: 'warned', found: /may have 512 MB in all/ },
    { memory: { limitBytes: 128e6, freeBytes: 100e6 }, kind: 'failed', found: /may have 128 MB in all/ },
    { memory: { limitBytes: 4e9, freeBytes: 90e6 }, kind: 'warned', found: /only 90 MB are free of 4000 MB/ },
  ];

  for (const { memory, kind, found } of cases) {
    const results = await resultsOf({ ...agentIn(dataDir), memory });

    t.match(results['AGT-004'], { kind, found });
  }
});
