import type { AgentView, ChangeFacts, RecentRecord } from '../../agent/console/agent-view.ts';
import { createLiveFeed } from '../../agent/console/live-feed.ts';
import { type ObservedSource, overview } from '../../agent/health/overview.ts';
import { SOURCE_STATES, type SourceState, sourceHealth } from '../../agent/health/states.ts';
import { agentView, observedSource, recentRecord } from './agent-view.ts';
import { NOW } from './health-facts.ts';
import { seriesScene } from './series-scene.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The regions that are on by default. */
const REGIONS = [
  ...[
    'us-east-1',
    'us-east-2',
    'us-west-1',
    'us-west-2',
    'ca-central-1',
    'sa-east-1',
    'eu-west-1',
    'eu-west-2',
  ],
  ...['eu-west-3', 'eu-central-1', 'eu-north-1', 'ap-south-1', 'ap-northeast-1', 'ap-northeast-2'],
  ...['ap-northeast-3', 'ap-southeast-1', 'ap-southeast-2'],
] as const;

/** Text that an attacker chose. */
export const HOSTILE = `<img src=x onerror="alert(1)"><script>alert(2)</script>\u202e\u0007`;

type Facts = ObservedSource['facts'];

const SIEM = {
  grade: 'indexed',
  mode: 'joined',
  waiting: 0,
  quarantined: 0,
  lastAckAt: NOW - 4_000,
  lagMs: 4_200,
} as const;

/** What makes a source be in a state. */
const CAUSES: Readonly<Record<SourceState, Partial<Facts>>> = {
  off: {},
  failing: {
    plumbing: {
      lookedAt: NOW - 3 * MINUTE_MS,
      since: NOW - 28 * MINUTE_MS,
      isBlind: false,
      troubles: [{ region: 'us-east-1', code: 'GD-001', text: 'the GuardDuty detector is disabled' }],
    },
  },
  blocked: {
    destinations: {
      'splunk-main': {
        ...SIEM,
        waiting: 312,
        oldestWaitingAt: NOW - 9 * MINUTE_MS,
        blocked: { why: 'auth', detail: 'DST-004: the destination refuses the token: 403 Invalid token' },
      },
    },
  },
  silent: { lastHeartbeatAt: NOW - 47 * MINUTE_MS, lastEventAt: NOW - 3 * DAY_MS },
  lagging: {
    destinations: {
      'splunk-main': { ...SIEM, mode: 'behind', waiting: 40, oldestWaitingAt: NOW - 4 * MINUTE_MS },
    },
  },
  unproven: { lastEventAt: NOW - 9 * DAY_MS },
  pending: {},
  quiet: { lastEventAt: NOW - 19 * DAY_MS },
  ok: { lastEventAt: NOW - 4 * MINUTE_MS },
};

/** A source in the state that is asked for, by the same rules as in life. */
export function sourceIn(
  state: SourceState,
  customer: string,
  { account = '111111111111', region = 'us-east-1' } = {},
): ObservedSource {
  const made = observedSource(customer, account, { destinations: { 'splunk-main': SIEM }, ...CAUSES[state] });
  const { lastHeartbeatAt: _, ...withoutHeartbeat } = made.facts;
  const source = {
    ...made,
    region,
    source: `${customer}/${account}/${region}:${made.logGroup}`,
    ...(state === 'off' && {
      off: { kind: 'region', reason: 'the region is not enabled in the account' } as const,
    }),
    ...(state === 'pending' && { firstSeenAt: NOW - 2 * MINUTE_MS, facts: withoutHeartbeat }),
    ...(state === 'unproven' && {
      facts: withoutHeartbeat,
      options: { ...made.options, heartbeat: 'off' as const },
    }),
  };
  const seen = sourceHealth({ ...source, now: NOW }).state;
  if (seen !== state) throw new Error(`${customer} should be ${state} and is ${seen}`);
  return source;
}

/** The states that a source can be brought into by facts alone. */
export const STATES = SOURCE_STATES;

/** One customer for each state, the others well: 17 sources each. */
export function fleetOf(customers: number): readonly ObservedSource[] {
  return Array.from({ length: customers }, (_, at) => {
    const state = STATES[at] ?? 'quiet';
    const customer = STATES[at] === undefined ? `customer-${String(at).padStart(3, '0')}` : `${state}-corp`;
    const account = String(100_000_000_000 + at);
    return REGIONS.map((region, place) =>
      sourceIn(place === 9 || (at === 0 && place > 12) ? state : 'quiet', customer, { account, region }),
    );
  }).flat();
}

const RECORDS: readonly RecentRecord[] = [
  recentRecord({
    what: 'CryptoCurrency:EC2/BitcoinTool.B!DNS',
    title: 'EC2 instance queries a Bitcoin domain',
    accountName: 'payments-prod',
  }),
  recentRecord({
    time: NOW - 9 * MINUTE_MS,
    severity: 5,
    what: 'Recon:EC2/Portscan',
    key: 'finding-3',
    title: HOSTILE,
  }),
  recentRecord({
    time: NOW - 3 * 60 * MINUTE_MS,
    kind: 'config-change',
    level: 'high',
    what: 'UpdateIPSet',
    key: 'change-1',
    severity: undefined,
  }),
  recentRecord({ time: NOW - 5 * 60 * MINUTE_MS, severity: 2, what: HOSTILE, key: 'finding-4' }),
];

const CHANGES: readonly ChangeFacts[] = [
  {
    ...recentRecord({
      kind: 'config-change',
      level: 'high',
      time: NOW - 12 * MINUTE_MS,
      accountName: 'payments-prod',
    }),
    kind: 'config-change',
    call: 'UpdateIPSet',
    sentence:
      'trusted list "office" was changed or activated: activity from these addresses makes no findings',
    actor: 'arn:aws:sts::123456789123:assumed-role/admin/bob',
    from: '203.0.113.7',
  },
  {
    ...recentRecord({ kind: 'notice', level: 'critical', time: NOW - 3 * 60 * MINUTE_MS, key: 'change-2' }),
    kind: 'notice',
    call: 'plumbing.changed',
    sentence: HOSTILE,
    actor: 'role/terraform',
    from: 'cloudformation.amazonaws.com',
  },
];

/** What a console is shown: sources in chosen states, and a little of everything else. */
export function consoleScene(observed: readonly ObservedSource[]): AgentView {
  const seen = overview(observed, NOW, (id) => (id === 'archive-syslog' ? 2 : 0));
  const customers = [...new Set(observed.map(({ customer }) => customer))];
  return agentView({
    agentId: 'relay-eu-1',
    version: '1.0.0',
    observed: () => observed,
    overview: () => seen,
    customers: customers.map((id) => ({
      id,
      name: `${id} Inc`,
      topology: 'standalone',
      collects: [
        ...new Set(observed.filter(({ customer }) => customer === id).map(({ account }) => account)),
      ],
      accountNames: new Map([['123456789123', 'payments-prod']]),
      destinations: ['splunk-main'],
    })),
    search: async ({ limit, kinds }) => ({
      records: RECORDS.filter(({ kind }) => kinds?.includes(kind) ?? true).slice(0, limit),
      complete: true,
    }),
    changes: async () => ({ changes: CHANGES, complete: true }),
    destinations: () => [
      {
        ...{
          id: 'splunk-main',
          type: 'splunk-hec',
          format: 'detail',
          queuedRecords: 312,
          queuedBytes: 481_200,
        },
        ...{ delivered: 128_004, retries: 17, certificateExpiresAt: NOW + 41 * DAY_MS },
      },
      {
        ...{ id: 'archive-syslog', type: 'syslog', format: 'cef', queuedRecords: 0, queuedBytes: 0 },
        ...{ delivered: 128_004, retries: 0 },
      },
    ],
    series: seriesScene({
      customers: [{ id: 'acme', destinations: ['archive-syslog', 'splunk-main'] }],
      now: NOW,
      minutes: 500,
    }),
    strip: () => ({
      from: NOW - DAY_MS,
      cells: Array.from({ length: 96 }, (_, at) =>
        at < 8 ? undefined : at > 92 ? 'silent' : at === 40 ? 'lagging' : 'quiet',
      ),
    }),
    stacks: async () =>
      observed.slice(0, 20).map(({ customer, account, region }, at) => ({
        ...{ customer, account, region, stack: 'guardrelay', mode: 'stackset-self-managed' },
        expected: { version: '1.0.0', configHash: '9f2c41d0' },
        ...(at % 9 === 4
          ? { hindrance: 'the reader role may not read tags' }
          : {
              seenAt: NOW - 20 * MINUTE_MS,
              seen: { version: at % 7 === 3 ? '0.9.2' : '1.0.0', configHash: '9f2c41d0' },
            }),
      })),
    configuration: () => ({
      version: 1,
      agent: { id: 'relay-eu-1', dataDir: '/var/lib/guardrelay' },
      destinations: [{ id: 'splunk-main', type: 'splunk-hec', token: '***' }],
    }),
    live: createLiveFeed(),
    audit: {
      add() {},
      last: async () => [
        {
          at: new Date(NOW - 5 * MINUTE_MS).toISOString(),
          user: 'jane',
          role: 'operator',
          from: '192.0.2.4',
          action: 'test',
          customer: 'silent-corp',
          outcome: 'done',
        },
        {
          at: new Date(NOW - 50 * MINUTE_MS).toISOString(),
          user: HOSTILE,
          from: '192.0.2.9',
          action: 'login-failed',
          outcome: 'refused',
        },
      ],
    },
  });
}
