import t from 'tap';

import type { MemberFacts } from '../../agent/model/member-facts.ts';
import { memberStatus } from '../../agent/model/member-status.ts';
import { kindOf } from '../../agent/notify/event-types.ts';
import { memberConditions } from '../../agent/relay/member-conditions.ts';
import { namesOf } from '../../agent/relay/notice-look.ts';

const DAY_MS = 86_400_000;
const NOW = 100 * DAY_MS;
const NAMES = namesOf(
  [{ id: 'acme', name: 'ACME' }],
  new Map([['acme', new Map([['123456789123', 'payments-prod']])]]),
);

function member(text: string, days = 0, region = 'eu-west-1'): MemberFacts {
  const place = { customer: 'acme', administrator: '111111111111', region, account: '123456789123' };
  return { ...place, text, status: memberStatus(text), since: NOW - days * DAY_MS };
}

t.test('every status that people must know of is told, as severely as it is', (t) => {
  const rows: readonly [text: string, days: number, type: string, severity: string, code: string][] = [
    ['Resigned', 0, 'member.resigned', 'critical', 'MEM-004'],
    ['Removed', 0, 'member.removed', 'high', 'MEM-004'],
    ['Disabled', 0, 'member.paused', 'high', 'MEM-002'],
    ['EmailVerificationFailed', 0, 'member.failed', 'medium', 'MEM-003'],
    ['Invited', 8, 'member.invitation-old', 'low', 'MEM-001'],
    ['Created', 8, 'member.invitation-old', 'low', 'MEM-001'],
    ['AccountSuspended', 0, 'member.unavailable', 'info', 'GD-004'],
  ];

  for (const [text, days, type, severity, code] of rows) {
    const [condition, ...others] = memberConditions([member(text, days)], NAMES, NOW);
    t.match(condition, { type, code, reason: `GuardDuty of administrator 111111111111 says: ${text}` }, text);
    t.equal(condition && kindOf(condition.type).severity, severity, text);
    t.same(others, []);
  }
  t.same(memberConditions([member('Enabled'), member('Invited', 7), member('Strange')], NAMES, NOW), []);
  t.end();
});

t.test('regions of one customer share a cause, and each has a subject of its own', (t) => {
  const regions = ['eu-west-1', 'us-east-1'];
  const conditions = memberConditions(
    regions.map((region) => member('Resigned', 0, region)),
    NAMES,
    NOW,
  );

  t.same([...new Set(conditions.map(({ cause }) => cause))], ['acme/member.resigned/MEM-004']);
  t.equal(new Set(conditions.map(({ subject }) => subject)).size, 2);
  t.match(conditions[0], { account: { name: 'payments-prod' }, customers: [{ name: 'ACME' }] });
  t.end();
});
