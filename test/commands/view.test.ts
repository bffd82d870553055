import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

import { openAuditFile } from '../../agent/commands/view/audit-file.ts';
import { changesIn } from '../../agent/commands/view/changes.ts';
import { shownConfiguration } from '../../agent/commands/view/configuration.ts';
import { createJobDesk, type JobWork } from '../../agent/commands/view/jobs.ts';
import { openStateWatch } from '../../agent/commands/view/state-watch.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import type { ReplayWish, TestWish } from '../../agent/console/job-desk.ts';
import { createLiveFeed, type LiveEvent } from '../../agent/console/live-feed.ts';
import { EXIT, GuardrelayError } from '../../agent/model/error.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { BROKEN, observedSource, recentRecord, SOUND } from '../support/agent-view.ts';
import { NOW } from '../support/health-facts.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const parts = { clock: createVirtualClock(NOW), logger: silentLogger };

t.test('the audit log', async (t) => {
  const dataDir = t.testdir({});
  const log = openAuditFile({ dataDir, ...parts });
  const path = join(dataDir, 'audit', 'audit.jsonl');
  const entry = { user: 'jane', from: '127.0.0.1', action: 'test', outcome: 'done' } as const;

  log.add(entry);
  log.add({ ...entry, user: 'bob\n{"user":"forged"}', customer: 'acme' });
  appendFileSync(path, '{"cut sh');

  t.match(await log.last(10), [
    { user: 'bob\n{"user":"forged"}', customer: 'acme' },
    { at: new Date(NOW).toISOString(), ...entry },
  ]);
  t.equal((await log.last(1)).length, 1);
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.equal(statSync(join(dataDir, 'audit')).mode & 0o777, 0o700);

  for (let line = 0; line < 30; line += 1) log.add({ ...entry, detail: 'x'.repeat(1_000_000) });
  t.ok(statSync(path).size + statSync(`${path}.1`).size < 13_000_000, 'it stays small');
  t.match(await log.last(1), [{ user: 'jane' }]);
});

t.test('an entry after a crash is one of its own', async (t) => {
  const dataDir = t.testdir({ audit: { 'audit.jsonl': '{"at":"2026-11-20T1' } });
  const log = openAuditFile({ dataDir, ...parts });

  log.add({ user: 'jane', from: '127.0.0.1', action: 'login', outcome: 'done' });

  t.match(await log.last(10), [{ user: 'jane', action: 'login' }]);
});

const place = {
  customer: 'acme',
  account: '111111111111',
  region: 'eu-west-1',
  logGroup: '/aws/events/guardrelay',
};
const nothing: JobWork<ReplayWish> = async () => ({ isGood: true, result: '' });

function deskWith(test: JobWork<TestWish>) {
  return createJobDesk({ test, replay: nothing, ...parts });
}

t.test('jobs are told step by step, two at once and no more', async (t) => {
  const ends: (() => void)[] = [];
  const desk = deskWith(async (_, tell) => {
    tell({ kind: 'sent', text: 'put on the event bus' });
    await new Promise<void>((resolve) => ends.push(resolve));
    return { isGood: true, result: 'seen' };
  });

  const first = desk.test({ place, via: 'events' }, 'jane');
  desk.test({ place, via: 'events' }, 'jane');
  t.throws(() => desk.test({ place, via: 'events' }, 'jane'), {
    message: '2 jobs are under way already',
  });
  for (const end of ends) end();
  await desk.close();

  t.match(
    desk.list().find(({ id }) => id === first.id),
    { state: 'done', by: 'jane', result: 'seen', steps: [{ kind: 'sent' }], endedAt: NOW },
  );
});

t.test('a job that fails says why, and a fault of our own only that there is one', async (t) => {
  const faults = [
    new GuardrelayError('CLI-001', 'No region to test.', { exitCode: EXIT.usage, fix: 'guardrelay status' }),
    new Error('/home/somebody/secret'),
  ];

  const results = [];
  for (const fault of faults) {
    const desk = deskWith(async () => {
      throw fault;
    });
    desk.test({ place, via: 'events' }, 'jane');
    await desk.close();
    results.push(desk.list()[0]);
  }

  t.match(results, [
    { state: 'failed', result: 'CLI-001 No region to test. guardrelay status' },
    { state: 'failed', result: 'INT-001 the log of the agent says more' },
  ]);
});

t.test('an agent that ends stops its jobs', async (t) => {
  const desk = deskWith(
    (_wish, _tell, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ isGood: false, result: 'Stopped.' }));
      }),
  );

  desk.test({ place, via: 'events' }, 'jane');
  await desk.close();

  t.match(desk.list(), [{ state: 'failed', result: 'Stopped.' }]);
});

t.test('the configuration is shown with its defaults and without what may be secret', (t) => {
  const parsed = parseConfig(
    `version: 1
customers:
  - id: acme
    auth: { type: assumeRole, roleArn: "arn:aws:iam::111111111111:role/Reader", externalId: "file:/run/secrets/id" }
    accounts: { collect: ["111111111111"] }
    destinations: [siem]
destinations: [{ id: siem, type: splunk-hec, url: "https://siem.example.com:8088", token: env:HEC_TOKEN }]
http: { auth: { type: token, users: [{ name: soc, tokenHash: env:SOC_HASH }] } }
`,
    {},
  );
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));

  const shown = JSON.stringify(shownConfiguration(parsed.config));

  t.match(shown, '"externalId":"***"');
  t.match(shown, '"tokenHash":"***"');
  t.notMatch(shown, /HEC_TOKEN|SOC_HASH|run\/secrets/);
  t.match(shown, '"baseSeconds":60', 'a default');
  t.end();
});

t.test('changes say who, from where and how it went', async (t) => {
  const detail = {
    eventName: 'DeleteDetector',
    eventSource: 'guardduty.amazonaws.com',
    errorCode: 'AccessDenied',
    sourceIPAddress: '203.0.113.7',
    userAgent: 'console',
    userIdentity: { type: 'IAMUser', userName: 'bob', arn: 'arn:aws:iam::111111111111:user/bob' },
  };
  const call = recentRecord({ kind: 'config-change', time: NOW - 2, raw: JSON.stringify({ detail }) });
  const own = recentRecord({
    kind: 'notice',
    time: NOW - 1,
    what: 'plumbing.changed',
    title: 'a rule is gone',
  });

  const { changes, complete } = await changesIn(
    async ({ kinds = [] }) => ({
      records: kinds.includes('notice') ? [own] : [call],
      complete: kinds.includes('notice'),
    }),
    { limit: 10 },
  );

  t.match(changes, [
    { kind: 'notice', call: 'plumbing.changed', sentence: 'a rule is gone' },
    {
      call: 'DeleteDetector',
      actor: 'bob',
      from: '203.0.113.7',
      userAgent: 'console',
      errorCode: 'AccessDenied',
    },
  ]);
  t.equal(complete, false, 'one of the two searches was not');
});

t.test('a change of state is told, and the day outlives a restart', async (t) => {
  const dataDir = t.testdir({});
  const clock = createVirtualClock(NOW);
  const live = createLiveFeed();
  const told: LiveEvent[] = [];
  live.listen((event) => told.push(event));
  let observed = [SOUND, observedSource('acme', '111111111111')];
  const options = { dataDir, observed: () => observed, live, clock, logger: silentLogger };
  const watch = await openStateWatch(options);
  const stop = new AbortController();
  const running = watch.run(stop.signal);

  await clock.advance(5_000);
  observed = [SOUND, BROKEN];
  await clock.advance(5_000);
  stop.abort();
  await running;
  const again = await openStateWatch(options);

  t.match(told, [{ type: 'state', customer: 'acme', before: 'quiet', state: 'failing', code: 'AUTH-006' }]);
  t.equal(told.length, 1);
  t.equal(again.strip(BROKEN.source).cells.at(-1), 'failing', 'the worst of the quarter of an hour');
  t.equal(again.strip(SOUND.source).cells.at(-1), 'quiet');
});
