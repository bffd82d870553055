import type { Test } from 'tap';
import t from 'tap';

import { openNotices } from '../../agent/commands/notify/live-notices.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { createNoticeMeter } from '../../agent/health/notice-meter.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import type { MemberFacts } from '../../agent/model/member-facts.ts';
import { memberStatus } from '../../agent/model/member-status.ts';
import type { RelayEvent } from '../../agent/model/relay-event.ts';
import type { Agent } from '../../agent/relay/agent.ts';
import { memberConditions } from '../../agent/relay/member-conditions.ts';
import { configurationOf } from '../support/checked-world.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const [PAY, LAB] = ['123456789123', '210987654321'];

function member(account: string | undefined, text: string, region: string): MemberFacts {
  const place = { customer: 'acme', administrator: '111122223333', region, account: account ?? '' };
  return { ...place, text, status: memberStatus(text), since: Date.UTC(2026, 0, 1) };
}

/** An agent without sources, whose members are what the test says; started again at will. */
async function startTelling(t: Test) {
  const clock = createVirtualClock(Date.UTC(2026, 0, 2));
  const parsed = parseConfig(configurationOf({ topology: 'administrator' }), {});
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  const config = { ...parsed.config, agent: { ...parsed.config.agent, dataDir: t.testdir({}) } };
  const events: RelayEvent[] = [];
  const seen: { members: readonly MemberFacts[] } = { members: [] };
  const agent: Agent = {
    run: () => Promise.reject(new Error('this agent is only looked at')),
    observed: () => [],
    destinations: [],
    inQuarantine: () => 0,
    skipped: () => 0,
    isAlive: () => true,
    isReady: () => true,
  };

  function start(): () => Promise<void> {
    const stop = new AbortController();
    const notices = openNotices({
      ...{ config, clock, logger: silentLogger, version: '1.2.3', agentId: 'relay-1' },
      accountNames: new Map([['acme', new Map([[PAY ?? '', 'payments-prod']])]]),
      random: () => 0.5,
      meter: createNoticeMeter([]),
      readSecret: async (reference) => reference,
      awsIdentities: () => {
        throw new Error('no channel of this test lies in AWS');
      },
      configTroubles: () => [],
      others: (names, now) => memberConditions(seen.members, names, now),
      outbox: () => ({ put: async (event) => void events.push(event) }),
    });
    const running = notices.watch(agent).run(stop.signal);
    return async () => {
      stop.abort();
      await running;
      await notices.close();
    };
  }

  return { clock, events, seen, start };
}

t.test('the SIEM of a customer is told who left, once, and when the account is back', async (t) => {
  const { clock, events, seen, start } = await startTelling(t);
  seen.members = [member(PAY, 'Resigned', 'eu-west-1'), member(PAY, 'Resigned', 'us-east-1')];
  const stopFirst = start();
  await clock.advance(5 * 60_000);

  t.match(events, [
    {
      action: 'trigger',
      type: 'member.resigned',
      severity: 'critical',
      code: 'MEM-004',
      customer: { id: 'acme' },
      accounts: [{ id: PAY, name: 'payments-prod' }],
      regions: ['eu-west-1', 'us-east-1'],
      command: 'guardrelay accounts status --customer acme',
    },
  ]);
  await stopFirst();
  const stopSecond = start();
  await clock.advance(5 * 60_000);
  t.equal(events.length, 1, 'a restart does not repeat it');
  seen.members = [];
  await clock.advance(10 * 60_000);
  await stopSecond();

  t.match(events.slice(1), [{ action: 'resolve', type: 'member.resigned', key: events[0]?.key }]);
});

t.test('different troubles of members are told by themselves', async (t) => {
  const { clock, events, seen, start } = await startTelling(t);
  seen.members = [
    member(PAY, 'Disabled', 'eu-west-1'),
    member(LAB, 'EmailVerificationFailed', 'eu-west-1'),
    member('333344445555', 'AccountSuspended', 'eu-west-1'),
  ];

  const stop = start();
  await clock.advance(5 * 60_000);
  await stop();

  t.same(events.map(({ type, severity }) => `${type} ${severity}`).sort(), [
    'member.failed medium',
    'member.paused high',
    'member.unavailable info',
  ]);
});
