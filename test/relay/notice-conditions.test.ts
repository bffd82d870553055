import t from 'tap';

import type { ObservedSource } from '../../agent/health/overview.ts';
import type { ReadCause, SourceFacts } from '../../agent/model/source-facts.ts';
import { createLook, namesOf } from '../../agent/relay/notice-look.ts';
import { NOW, observed, PROVEN, TAKING } from '../support/health-facts.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What is told of one source, by an agent that has long been there. */
function lookAt(sources: readonly ObservedSource[], quarantined = 0, withoutStacks?: ReadonlySet<string>) {
  let now = 0;
  const look = createLook({
    agent: { observed: () => sources, isReady: () => true, inQuarantine: () => quarantined },
    names: namesOf(
      [{ id: 'acme', name: 'ACME' }],
      new Map([['acme', new Map([['111111111111', 'payments']])]]),
    ),
    ...(withoutStacks && { withoutStacks }),
    others: () => [],
    now: () => now,
  });
  now = NOW;
  return look();
}

function failure(
  code: 'AUTH-002' | 'LOG-001' | 'LOG-004',
  cause: ReadCause = 'denied',
): Partial<SourceFacts> {
  return { failure: { cause, code, text: 'AWS says no', since: NOW - 6 * MINUTE_MS } };
}

function trouble(code: 'GD-001' | 'EB-002'): Partial<SourceFacts> {
  const troubles = [{ region: 'eu-west-1', code, text: 'it is not as it should be' }];
  return { plumbing: { lookedAt: NOW, troubles, isBlind: false, since: NOW - MINUTE_MS } };
}

function waiting(change: Partial<typeof TAKING>): Partial<SourceFacts> {
  return { destinations: { siem: { ...TAKING, oldestWaitingAt: NOW - 6 * MINUTE_MS, ...change } } };
}

const ROWS: readonly (readonly [name: string, facts: Partial<SourceFacts>, told: readonly string[]])[] = [
  ['proven', {}, []],
  ['silent', { lastHeartbeatAt: NOW - 30 * MINUTE_MS }, ['source.silent SRC-001 acme/source.silent/SRC-001']],
  ['a read that fails', failure('LOG-004'), ['source.failing LOG-004 acme/source.failing/LOG-004']],
  ['credentials', failure('AUTH-002'), ['credentials.refused AUTH-002 acme/credentials.refused/AUTH-002']],
  ['a detector', trouble('GD-001'), ['detector.disabled GD-001 acme/detector.disabled/GD-001']],
  ['a rule', trouble('EB-002'), ['plumbing.changed EB-002 acme/plumbing.changed/EB-002']],
  ['not read', { lastReadAt: NOW - 15 * MINUTE_MS }, ['source.lagging SRC-002 acme/source.lagging/SRC-002']],
  [
    'a destination that refuses',
    waiting({ blocked: { why: 'auth', detail: 'DST-004: 401' } }),
    ['destination.blocked DST-004 destination/siem/destination.blocked'],
  ],
  [
    'a destination that is down',
    waiting({ retrying: 'DST-002: connect ECONNREFUSED' }),
    ['destination.blocked DST-002 destination/siem/destination.blocked'],
  ],
  [
    'a certificate that ends',
    { destinations: { siem: { ...TAKING, certificateExpiresAt: NOW + 13 * DAY_MS } } },
    ['destination.certificate-expiring DST-003 destination/siem/destination.certificate-expiring'],
  ],
  [
    'a certificate that lasts',
    { destinations: { siem: { ...TAKING, certificateExpiresAt: NOW + 15 * DAY_MS } } },
    [],
  ],
  [
    'events that expire soon',
    {
      retentionDays: 2,
      destinations: { siem: { ...TAKING, oldestWaitingAt: NOW - 1.2 * DAY_MS, lastAckAt: NOW } },
    },
    ['retention.risk SRC-005 acme/retention.risk/siem'],
  ],
];

t.test('each trouble is told as what it is', async (t) => {
  for (const [name, facts, told] of ROWS) {
    const { observation } = lookAt([observed('eu-west-1', { ...PROVEN, ...facts })]);

    t.same(
      observation.conditions.map(({ type, code, cause }) => `${type} ${code} ${cause}`),
      told,
      name,
    );
  }
});

t.test('a region that never had a log group waits for its stack; one that lost it is broken', async (t) => {
  const { lastReadAt: _, lastHeartbeatAt: __, ...neverRead } = PROVEN;
  const missing = failure('LOG-001', 'no-group');

  const { observation } = lookAt([
    observed('eu-west-1', { ...neverRead, ...missing }),
    observed('us-east-1', { ...PROVEN, ...missing }),
  ]);

  t.match(observation.conditions, [
    { type: 'region.new-without-stack', code: 'REG-003', region: 'eu-west-1' },
    { type: 'source.failing', code: 'LOG-001', region: 'us-east-1' },
  ]);
  const foreign = lookAt([observed('eu-west-1', { ...neverRead, ...missing })], 0, new Set(['acme']));
  t.match(foreign.observation.conditions, [{ type: 'source.failing' }], 'where others make the groups');
});

t.test('a trouble names customer and account, and since when', async (t) => {
  const { observation } = lookAt([
    observed('eu-west-1', { ...PROVEN, lastHeartbeatAt: NOW - 30 * MINUTE_MS }),
  ]);

  t.match(observation.conditions, [
    {
      ...{ customers: [{ id: 'acme', name: 'ACME' }], account: { id: '111111111111', name: 'payments' } },
      ...{ region: 'eu-west-1', reason: 'heartbeat missing', lastGoodAt: NOW - 30 * MINUTE_MS },
    },
  ]);
});

t.test('what is muted or new is unknown, and a destination that is owed something too', async (t) => {
  const { lastReadAt: _, ...neverRead } = PROVEN;
  const silent = observed('muted', { ...PROVEN, lastHeartbeatAt: NOW - 30 * MINUTE_MS });
  const off = { kind: 'muted', until: NOW + MINUTE_MS, reason: 'maintenance' } as const;
  const owed = { ...PROVEN, ...waiting({}) };
  const young = { ...observed('new', neverRead), firstSeenAt: NOW - MINUTE_MS };

  const { observation } = lookAt([{ ...silent, off }, young, observed('owed', owed)]);

  t.same(observation.conditions, []);
  t.same([...observation.unknown].toSorted(), ['destination/siem', 'muted', 'new']);
});

t.test('a destination is told once for all customers, with what stands in its quarantine', async (t) => {
  const facts = { ...PROVEN, ...waiting({ blocked: { why: 'auth', detail: 'DST-004: 401' } }) };
  const sources = ['acme', 'globex'].map((customer) => ({ ...observed(customer, facts), customer }));

  const { observation } = lookAt(sources, 3);

  t.match(observation.conditions, [
    { type: 'destination.blocked', customers: [{ id: 'acme' }, { id: 'globex' }], reason: '401' },
    { type: 'destination.quarantined', customers: [{ id: 'acme' }, { id: 'globex' }], reason: '3 records' },
  ]);
});

t.test('a gap that was told long ago is none after a restart', async (t) => {
  for (const [days, told] of [
    [6.9, 1],
    [7, 0],
  ] as const) {
    const gap = { destination: 'siem', from: 0, to: 1, at: NOW - days * DAY_MS };

    const { happenings } = lookAt([observed('eu-west-1', { ...PROVEN, gap })]);

    t.equal(happenings.length, told, `${days} days`);
  }
});

t.test('what is still broken when a mute ends is one message for each customer', async (t) => {
  const muted = { kind: 'muted', until: NOW + MINUTE_MS, reason: 'maintenance window' } as const;
  const silent = { ...PROVEN, lastHeartbeatAt: NOW - 30 * MINUTE_MS };
  const away = [
    observed('eu-west-1', silent),
    observed('eu-west-2', { ...PROVEN, ...trouble('EB-002') }),
    { ...observed('eu-west-3', silent), customer: 'globex' },
  ].map((source) => ({ ...source, off: muted }));
  const proven = observed('eu-west-1', PROVEN);
  let sources: readonly ObservedSource[] = away;
  const look = createLook({
    agent: { observed: () => sources, isReady: () => true, inQuarantine: () => 0 },
    ...{ names: namesOf([]), others: () => [], now: () => NOW },
  });
  const causes = () => look().observation.conditions.map(({ cause }) => cause);

  const whileMuted = causes();
  sources = away.map(({ off: _, ...source }) => source);
  const afterwards = [causes(), causes()];
  sources = [proven];
  const mended = causes();
  sources = [observed('eu-west-1', silent)];
  const brokenAgain = causes();

  const each = ['acme/after-maintenance', 'acme/after-maintenance', 'globex/after-maintenance'];
  t.same(whileMuted, []);
  t.same(afterwards, [each, each]);
  t.same(mended, []);
  t.same(brokenAgain, ['acme/source.silent/SRC-001']);
});

t.test('a gap has happened once, however long it shows', async (t) => {
  const gap = { destination: 'siem', from: NOW - 3 * DAY_MS, to: NOW - 2 * DAY_MS, at: NOW };
  const sources = [observed('eu-west-1', { ...PROVEN, gap })];
  const look = createLook({
    agent: { observed: () => sources, isReady: () => true, inQuarantine: () => 0 },
    ...{ names: namesOf([]), others: () => [], now: () => NOW },
  });

  const [first, second] = [look(), look()];

  t.match(first.happenings, [{ event: { type: 'source.gap', severity: 'critical', action: 'notice' } }]);
  t.same(second.happenings, []);
  t.same(first.observation.conditions, []);
});
