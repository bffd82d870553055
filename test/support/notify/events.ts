import type { RelayEvent } from '../../../agent/model/relay-event.ts';

const SILENT: RelayEvent = {
  schema: 'guardrelay.event/v1',
  id: 'd2b8f0e6c1',
  at: '2026-11-20T21:10:00.000Z',
  action: 'trigger',
  key: 'guardrelay/globex/111111111111/eu-central-1/source.silent',
  type: 'source.silent',
  severity: 'critical',
  code: 'SRC-001',
  title: 'globex: eu-central-1 is silent',
  since: '2026-11-20T21:10:00.000Z',
  lastGoodAt: '2026-11-20T20:53:00.000Z',
  customer: { id: 'globex', name: 'Globex' },
  accounts: [{ id: '111111111111', name: 'payments-prod' }],
  regions: ['eu-central-1'],
  likely: 'log resource policy removed by role/terraform at 20:51',
  command: 'guardrelay deploy --customer globex --region eu-central-1',
  link: 'https://relay.example.com/sources/globex',
  details: { logGroup: '/aws/events/guardrelay' },
};

/** A region that went silent, with what a test changes of it. */
export function silent(given: Partial<RelayEvent> = {}): RelayEvent {
  return { ...SILENT, ...given };
}

/** The end of it, under the same key. */
export function heardAgain(): RelayEvent {
  return silent({
    id: 'd2b8f0e6c2',
    at: '2026-11-20T21:57:00.000Z',
    action: 'resolve',
    title: 'globex: eu-central-1 is heard again',
    lastGoodAt: '2026-11-20T21:56:00.000Z',
  });
}

/** A change of GuardDuty's configuration, which has no end. */
export function changed(): RelayEvent {
  const { since: _, lastGoodAt: __, likely: ___, command: ____, ...others } = SILENT;
  return {
    ...others,
    id: 'a7',
    action: 'notice',
    key: 'guardrelay/acme/123456789123/eu-west-1/config-change',
    type: 'config-change',
    severity: 'high',
    code: 'GD-010',
    title: 'UpdateIPSet by admin/bob from 203.0.113.7 (console)',
    customer: { id: 'acme' },
    accounts: [{ id: '123456789123', name: 'payments-prod' }],
    regions: ['eu-west-1'],
    details: {},
  };
}

/** Something that concerns the agent and no customer. */
export function started(): RelayEvent {
  const { customer: _, ...others } = changed();
  return {
    ...others,
    type: 'agent.started',
    severity: 'info',
    key: 'guardrelay/agent.started',
    title: 'the agent has started',
    accounts: [],
    regions: [],
  };
}

/** What an attacker would put where he can: names of accounts, of roles, of rules. */
export const EVIL = [
  '<!channel> <!here> @channel @everyone',
  '<https://evil.example|click> [click](https://evil.example) https://evil.example/x',
  '<script>alert(1)</script> & " \' \\ `code` *bold* _it_ ~no~',
  'To: victim@example.com\r\nBcc: other@example.com\r\n\r\n.\r\nQUIT\r\n',
  '\u0000\u0007\u001b[31mred\u001b[0m\u202eesrever\u200b\u2028\u2029 \ud800 😈',
  '{{key}} {{values.secret}} {{ticket.id}}',
].join('\n');

export function hostile(): RelayEvent {
  return silent({
    id: `evil\r\nX-Evil: 1 ${'i'.repeat(300)}`,
    key: `guardrelay/globex/\r\nX-Evil: 1/${'k'.repeat(300)}`,
    title: EVIL,
    likely: EVIL,
    command: EVIL,
    link: 'javascript:alert(1)',
    destination: EVIL,
    customer: { id: 'globex', name: EVIL },
    accounts: [{ id: '111111111111', name: EVIL }],
    regions: [EVIL],
    details: { evil: EVIL },
  });
}

export function huge(): RelayEvent {
  const long = 'A long word. '.repeat(40_000);
  return silent({
    title: long,
    likely: long,
    command: long,
    destination: long,
    accounts: Array.from({ length: 5_000 }, (_, at) => ({
      id: String(100_000_000_000 + at),
      name: long.slice(0, 200),
    })),
    regions: Array.from({ length: 5_000 }, (_, at) => `eu-central-${at}`),
    details: { long },
  });
}
