import type { AgentView, RecentRecord } from '../../agent/console/agent-view.ts';
import type { Job, JobDesk, JobPlace } from '../../agent/console/job-desk.ts';
import { createLiveFeed } from '../../agent/console/live-feed.ts';
import type { NoticeDesk } from '../../agent/console/notice-desk.ts';
import { type ObservedSource, overview } from '../../agent/health/overview.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { HEALTH, NOW } from './health-facts.ts';
import { seriesScene } from './series-scene.ts';

/** A listener on loopback that asks nobody who it is. */
export const LISTEN = {
  listen: '127.0.0.1:0',
  auth: { type: 'none' },
  names: [],
  trustedProxies: [],
  readSecret: async () => '',
  clock: { ...systemClock, now: () => NOW },
  logger: silentLogger,
} as const;

/** A source that nothing is wrong with, unless the facts say otherwise. */
export function observedSource(
  customer: string,
  account: string,
  facts: Partial<ObservedSource['facts']> = {},
): ObservedSource {
  const logGroup = '/aws/events/guardrelay';
  return {
    source: `${customer}/${account}/eu-west-1:${logGroup}`,
    ...{ customer, account, region: 'eu-west-1', logGroup },
    firstSeenAt: NOW - 3_600_000,
    facts: {
      pollSeconds: 60,
      lastReadAt: NOW - 2_000,
      lastHeartbeatAt: NOW - 120_000,
      destinations: {
        siem: { grade: 'accepted', mode: 'joined', waiting: 0, quarantined: 0, lastAckAt: NOW - 9_000 },
      },
      ...facts,
    },
    options: HEALTH,
  };
}

export const BROKEN = observedSource('acme', '111111111111', {
  failure: {
    cause: 'denied',
    code: 'AUTH-006',
    text: 'refused <script>alert(1)</script>',
    since: NOW - 600_000,
  },
});
export const SOUND = observedSource('globex', '222222222222');

/** A finding that the destination `siem` has. */
export function recentRecord(parts: Partial<RecentRecord> = {}): RecentRecord {
  const { customer = 'acme', account = '123456789123' } = parts;
  return {
    time: NOW - 60_000,
    kind: 'finding',
    severity: 8,
    region: 'eu-west-1',
    what: 'Recon:EC2/Portscan',
    key: 'finding-1',
    source: `${customer}/111111111111/eu-west-1:/aws/events/guardrelay`,
    eventId: 'event-1',
    raw: '{"detail":{"ip":"198.51.100.7"}}',
    acked: [{ destination: 'siem', at: NOW - 50_000 }],
    ...parts,
    ...{ customer, account },
  };
}

/** Its jobs are done at once. */
function jobDesk(): JobDesk {
  const jobs: Job[] = [];
  const begin = (kind: Job['kind'], { place }: { readonly place: JobPlace }, by: string): Job => {
    const subject = `${place.account} ${place.region}`;
    const common = { id: `job-${jobs.length}`, kind, customer: place.customer, subject, by, startedAt: NOW };
    jobs.unshift({ ...common, state: 'done', steps: [{ at: NOW, kind: 'sent', text: 'sent' }] });
    return jobs[0] ?? { ...common, state: 'done', steps: [] };
  };
  return {
    list: () => jobs,
    test: (wish, by) => begin('test', wish, by),
    replay: (wish, by) => begin('replay', wish, by),
  };
}

/** Of each customer one notice is open, and one of both. */
function noticeDesk(): NoticeDesk {
  const acknowledged = new Set<string>();
  const notices = [['acme'], ['globex'], ['acme', 'globex']];
  return {
    channels: () => [{ id: 'soc-slack', type: 'slack', lastOkAt: NOW }],
    open: () =>
      notices.map((customers) => {
        const key = customers.join('+');
        const title = `${key}: silent`;
        return {
          key,
          title,
          customers,
          channel: 'soc-slack',
          toldAt: NOW,
          isAcknowledged: acknowledged.has(key),
        };
      }),
    acknowledge(key) {
      acknowledged.add(key);
      return 1;
    },
  };
}

const ROUTES = ['acme', 'globex'].map((id) => ({ id, destinations: ['siem'] }));

/** An agent with a broken source of acme and a sound one of globex, which has no network and no disk. */
export function agentView(parts: Partial<AgentView> = {}): AgentView {
  const observed = (): readonly ObservedSource[] => [BROKEN, SOUND];
  const records = [
    recentRecord(),
    recentRecord({ customer: 'globex', account: '222222222222', key: 'finding-2' }),
  ];
  return {
    agentId: 'relay-1',
    version: '0.0.0',
    customers: ['acme', 'globex'].map((id, at) => ({
      id,
      name: `${id} Inc`,
      topology: 'organization',
      collects: [`${at + 1}`.repeat(12)],
      accountNames: new Map([['123456789123', 'payments-prod']]),
      destinations: ['siem'],
    })),
    observed,
    mutes: {
      current: () => [],
      add: async (wish) => ({ ...wish, id: 'mute-1', at: NOW }),
      remove: async () => false,
    },
    overview: () => overview(observed(), NOW),
    inQuarantine: () => 0,
    search: async ({ customers, limit }) => ({
      records: records.filter(({ customer }) => customers?.includes(customer) ?? true).slice(0, limit),
      complete: true,
    }),
    changes: async ({ customers = ['acme', 'globex'] }) => ({
      changes: customers.map((customer) => ({
        ...recentRecord({ customer, kind: 'config-change', level: 'high' }),
        kind: 'config-change',
        call: 'UpdateIPSet',
        actor: 'bob',
        from: '203.0.113.7',
      })),
      complete: true,
    }),
    destinations: () => [
      { id: 'siem', type: 'http', format: 'raw', queuedRecords: 0, queuedBytes: 0, delivered: 5, retries: 1 },
    ],
    members: (customer) => [
      {
        ...{ customer, administrator: '111111111111', region: 'eu-west-1', account: '123456789123' },
        ...{ email: `aws@${customer}.example`, text: 'Resigned', status: 'resigned', since: NOW },
      },
    ],
    checkpoints: async () => [
      { destination: 'siem', floor: NOW - 60_000, mode: 'joined', grade: 'accepted', updatedAt: NOW - 2_000 },
    ],
    strip: () => ({ from: NOW - 86_400_000, cells: [undefined, 'quiet', 'failing'] }),
    series: seriesScene({ customers: ROUTES, now: NOW, minutes: 5 }),
    stacks: async () =>
      ['acme', 'globex'].map((customer) => ({
        ...{ customer, account: '111111111111', region: 'eu-west-1', stack: 'guardrelay', mode: 'stack' },
        expected: { version: '1.0.0', configHash: 'aa' },
        seen: { version: '1.0.0', configHash: 'bb' },
        seenAt: NOW,
      })),
    configuration: () => ({ agent: { id: 'relay-1' } }),
    live: createLiveFeed(),
    jobs: jobDesk(),
    notices: noticeDesk(),
    tap: { listen: () => () => {} },
    audit: { add() {}, last: async () => [] },
    isAlive: () => true,
    isReady: () => true,
    hasStarted: () => true,
    metrics: async () => 'guardrelay_sources{customer="acme",state="failing"} 1\n',
    ...parts,
  };
}
