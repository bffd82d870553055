import fc from 'fast-check';
import t from 'tap';
import { renderStatus } from '../../agent/console/terminal/status-view.ts';
import { createMetrics } from '../../agent/health/metrics.ts';
import { overview } from '../../agent/health/overview.ts';
import { createReadMeter } from '../../agent/health/read-meter.ts';
import { keepLonger, retentionRisks } from '../../agent/health/retention.ts';
import { type HealthInput, type SourceState, sourceHealth } from '../../agent/health/states.ts';
import { verdict as sentence } from '../../agent/health/verdict.ts';
import type { ReadCause, SourceFacts } from '../../agent/model/source-facts.ts';
import { HEALTH, NOW } from '../support/health-facts.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const proven: SourceFacts = {
  pollSeconds: 60,
  lastReadAt: NOW - MINUTE,
  lastHeartbeatAt: NOW - 3 * MINUTE,
  destinations: {},
};

const unread: SourceFacts = { pollSeconds: 60, destinations: {} };

function judge(facts: SourceFacts, more: Partial<HealthInput> = {}) {
  return sourceHealth({ facts, firstSeenAt: NOW - 60 * MINUTE, options: HEALTH, now: NOW, ...more });
}

function failure(minutesAgo: number, cause: ReadCause = 'denied') {
  return { cause, code: 'AUTH-006', text: 'refused', since: NOW - minutesAgo * MINUTE } as const;
}

function destination(parts: object) {
  return { siem: { grade: 'accepted', mode: 'joined', waiting: 1, quarantined: 0, ...parts } } as const;
}

const cases: readonly { name: string; facts: SourceFacts; state: SourceState }[] = [
  { name: 'findings flow', facts: { ...proven, lastEventAt: NOW - MINUTE }, state: 'ok' },
  {
    name: 'nothing for days but the heartbeat',
    facts: { ...proven, lastEventAt: NOW - 19 * 1_440 * MINUTE },
    state: 'quiet',
  },
  {
    name: 'a fresh finding does not hide a missing heartbeat',
    facts: { ...proven, lastEventAt: NOW - MINUTE, lastHeartbeatAt: NOW - 19 * MINUTE },
    state: 'silent',
  },
  {
    name: 'two lost heartbeats page nobody',
    facts: { ...proven, lastHeartbeatAt: NOW - 17 * MINUTE },
    state: 'quiet',
  },
  { name: 'reading failed for five minutes', facts: { ...proven, failure: failure(5) }, state: 'failing' },
  { name: 'reading failed just now', facts: { ...proven, failure: failure(1) }, state: 'quiet' },
  {
    name: 'throttling is no failure',
    facts: { ...proven, failure: failure(9, 'throttled') },
    state: 'quiet',
  },
  { name: 'never read and refused', facts: { ...unread, failure: failure(0) }, state: 'failing' },
  {
    name: 'not read for longer than silence takes',
    facts: { ...proven, lastReadAt: NOW - 20 * MINUTE },
    state: 'failing',
  },
  {
    name: 'not read for a while',
    facts: { ...proven, lastReadAt: NOW - 13 * MINUTE, lastHeartbeatAt: NOW - 14 * MINUTE },
    state: 'lagging',
  },
  {
    name: 'a destination is blocked',
    facts: { ...proven, destinations: destination({ blocked: { why: 'auth', detail: '401' } }) },
    state: 'blocked',
  },
  {
    name: 'a destination retries for five minutes',
    facts: {
      ...proven,
      destinations: destination({ retrying: 'refused', oldestWaitingAt: NOW - 6 * MINUTE }),
    },
    state: 'blocked',
  },
  {
    name: 'a destination retries since a moment',
    facts: { ...proven, destinations: destination({ retrying: 'refused', oldestWaitingAt: NOW - MINUTE }) },
    state: 'lagging',
  },
  {
    name: 'a destination is behind',
    facts: { ...proven, destinations: destination({ mode: 'behind' }) },
    state: 'lagging',
  },
  {
    name: 'the last acknowledgement came late',
    facts: { ...proven, destinations: destination({ lagMs: 130_000, lastAckAt: NOW - MINUTE }) },
    state: 'lagging',
  },
  {
    name: 'an acknowledgement came late an hour ago',
    facts: { ...proven, destinations: destination({ lagMs: 130_000, lastAckAt: NOW - 60 * MINUTE }) },
    state: 'quiet',
  },
];

for (const { name, facts, state } of cases) {
  t.test(`${name}: ${state}`, async (t) => {
    t.match(judge(facts), { state });
  });
}

t.test('a new source waits for its first heartbeat, then is silent', async (t) => {
  const { lastHeartbeatAt: _, ...facts } = proven;

  t.match(judge(facts, { firstSeenAt: NOW - 10 * MINUTE }), { state: 'pending' });
  t.match(judge(facts, { firstSeenAt: NOW - 21 * MINUTE }), { state: 'silent', code: 'SRC-001' });
});

t.test('a new source that cannot be reached for a moment is pending', async (t) => {
  const facts = { ...unread, failure: failure(0, 'unreachable') };

  t.match(judge(facts, { firstSeenAt: NOW - MINUTE }), { state: 'pending', reason: 'refused' });
});

t.test('a source with too many events to remember each says so, although all is well', async (t) => {
  const verdict = judge({ ...proven, ingestionRuleSince: NOW - MINUTE });

  t.match(verdict, { state: 'quiet', code: 'SRC-004', reason: /too many events/, since: NOW - MINUTE });
});

t.test("a destination's own code stands for its words", async (t) => {
  const refused = destination({ blocked: { why: 'auth', detail: 'DST-004: siem:443 answered 401' } });
  const bare = destination({ blocked: { why: 'quota', detail: 'too much' } });

  t.match(judge({ ...proven, destinations: refused }), {
    code: 'DST-004',
    reason: 'siem: siem:443 answered 401',
  });
  t.match(judge({ ...proven, destinations: bare }), { code: 'DST-005', reason: 'siem: too much' });
});

t.test('a gap is not forgotten for a day, although the next read succeeds', async (t) => {
  const gap = {
    destination: 'siem',
    from: NOW - 9 * 1_440 * MINUTE,
    to: NOW - 8 * 1_440 * MINUTE,
    at: NOW - 60 * MINUTE,
  };

  t.match(judge({ ...proven, gap }), {
    state: 'failing',
    code: 'SRC-003',
    reason: /^siem: events from 2026-11-12/,
  });
  t.match(judge({ ...proven, gap: { ...gap, at: NOW - 1_441 * MINUTE } }), { state: 'quiet' });
});

/** A source of 30 days of retention, whose destination waits since so many days. */
function waitingFor(days: number, parts: object = {}): SourceFacts {
  const destinations = destination({ mode: 'behind', oldestWaitingAt: NOW - days * DAY, ...parts });
  return { ...proven, retentionDays: 30, destinations };
}

t.test('the last half of the retention is a warning, the last fifth an error', async (t) => {
  const levels = [15, 15.0001, 24, 24.0001, 40].map(
    (days) => retentionRisks(waitingFor(days), NOW)[0]?.level,
  );

  t.same(levels, [undefined, 'warning', 'warning', 'error', 'error']);
  t.same(
    retentionRisks({ ...waitingFor(29), retentionDays: 60 }, NOW),
    [],
    'the group keeps them for longer now',
  );
  const { retentionDays: _, ...forever } = waitingFor(29);
  t.same(retentionRisks(forever, NOW), [], 'it keeps them for ever');
  const { lastReadAt: __, ...never } = waitingFor(29);
  t.same(retentionRisks(never, NOW), [], 'nothing was ever read, so nothing was promised');
});

t.test('the row names the time by which the destination must be repaired, and the cause', async (t) => {
  const blocked = { blocked: { why: 'auth', detail: 'DST-004: siem:443 answered 401' } };

  t.match(judge(waitingFor(18, blocked)), {
    state: 'blocked',
    code: 'SRC-005',
    since: NOW - 18 * DAY,
    destination: 'siem',
    reason:
      'what waits must reach siem by 2026-12-03T12:00Z, from then on events expire (60 % of 30 days used up): DST-004 siem: siem:443 answered 401',
  });
  t.match(judge(waitingFor(18)), { state: 'lagging', code: 'SRC-005' });
  t.match(judge(waitingFor(31)), {
    reason: /^events expire since 2026-11-20T12:00Z: what waits must reach siem at once: /,
  });
  t.match(judge(waitingFor(25)), { state: 'failing', code: 'SRC-005' });
});

t.test(
  'what the spool holds is not lost when it expires, and the destination is still to be repaired',
  async (t) => {
    const spooled = (days: number) => ({ ...waitingFor(31), spool: { bytes: 1, until: NOW - days * DAY } });

    t.match(judge(spooled(24)), {
      state: 'failing',
      code: 'SRC-005',
      reason:
        /^the log group drops events since 2026-11-20T12:00Z, and the spool holds them: what waits must reach siem: /,
    });
    t.match(judge(spooled(30.5)), { reason: /^events expire since / }, 'it holds a part only');
  },
);

t.test('what is not read expires too', async (t) => {
  const facts = { ...waitingFor(0, { mode: 'joined' }), lastReadAt: NOW - 20 * DAY };

  t.match(judge(facts), {
    state: 'failing',
    code: 'SRC-005',
    reason: /^the log group must be read by 2026-12-01T12:00Z.*: SRC-002 not read/,
  });
});

t.test('what has expired already is told before what will', async (t) => {
  const gap = { destination: 'siem', from: NOW - 31 * DAY, to: NOW - 30 * DAY, at: NOW };

  t.match(judge({ ...waitingFor(29), gap }), { code: 'SRC-003' });
});

t.test('time is gained by about as much retention again, in days that CloudWatch Logs takes', async (t) => {
  const days = [1, 14, 30, 365, 3653].map(
    (each) => / (\d+) --region r$/.exec(keepLonger('/g', 'r', each))?.[1],
  );

  t.same(days, ['3', '30', '60', '731', '3653']);
});

t.test(
  'the overview has the destination that is the closest to its end, and metrics can tell the share',
  async (t) => {
    const row = (region: string, facts: SourceFacts) => ({
      ...{ source: region, customer: 'acme', account: '111111111111', region, logGroup: '/g' },
      ...{ facts, firstSeenAt: 0, options: HEALTH },
    });
    const lake = destination({ oldestWaitingAt: NOW - 20 * DAY }).siem;
    const worse = { ...waitingFor(16), destinations: { ...waitingFor(16).destinations, lake } };
    const seen = overview([row('eu-west-1', worse), row('us-east-1', proven)], NOW);
    const text = await createMetrics({
      ...{ version: '0', overview: () => seen, destinations: () => [], now: () => NOW },
      ...{ meters: [createReadMeter()], spoolBytes: () => 7 },
    })();

    t.match(text, 'guardrelay_spool_bytes 7');
    t.match(seen.sources[0], {
      region: 'eu-west-1',
      risk: { destination: 'lake', level: 'warning', expiresAt: NOW + 10 * DAY },
    });
    t.equal(seen.sources[1]?.risk, undefined);
    const place = 'customer="acme",account="111111111111",region="eu-west-1"';
    t.match(text, `guardrelay_source_oldest_unread_seconds{${place}} ${(20 * DAY) / 1_000}`);
    t.match(text, `guardrelay_source_retention_seconds{${place}} ${(30 * DAY) / 1_000}`);
    t.match(
      text,
      'guardrelay_source_oldest_unread_seconds{customer="acme",account="111111111111",region="us-east-1"} 60',
    );
    t.match(
      renderStatus(seen, { output: 'table', width: 120, color: false }, NOW),
      'lake: events of 1 source expire soon, the first at 2026-12-01 12:00 UTC.',
    );
  },
);

t.test('without a heartbeat rule silence proves nothing', async (t) => {
  const off = { options: { ...HEALTH, heartbeat: 'off' } } as const;

  t.match(judge(proven, off), { state: 'unproven' });
  t.match(judge({ ...proven, lastEventAt: NOW - 60 * MINUTE }, off), { state: 'ok' });
  t.match(judge({ ...proven, lastCanaryAt: NOW - DAY + MINUTE }, off), { state: 'quiet', reason: /canary/ });
  t.match(judge({ ...proven, lastCanaryAt: NOW - DAY }, off), { state: 'unproven' });
});

t.test('two canaries in a row that did not come are a broken findings rule, and one is not', async (t) => {
  const missing = (missed: number): SourceFacts => ({
    ...proven,
    lastEventAt: NOW - MINUTE,
    canary: { sentAt: NOW - 8 * MINUTE, isAwaited: true, missed, missedSince: NOW - 30 * MINUTE },
  });

  t.match(judge(missing(1)), { state: 'ok' });
  t.match(judge(missing(2)), { state: 'failing', code: 'EB-001', since: NOW - 30 * MINUTE });
});

/** A hub that hears regions r0, r1, …; minutes since the last heartbeat of each, undefined: it never sent one. */
function hubOf(minutesAgo: readonly (number | undefined)[], expectedMinutesAgo = 60): SourceFacts {
  const origins = minutesAgo.map((minutes, index) => {
    const last = minutes === undefined ? {} : { lastHeartbeatAt: NOW - minutes * MINUTE };
    return [`r${index}`, { since: NOW - expectedMinutesAgo * MINUTE, ...last }] as const;
  });
  return { ...proven, origins: Object.fromEntries(origins) };
}

t.test('a hub is as silent as its most silent region, which is named', async (t) => {
  const table: { name: string; facts: SourceFacts; verdict: object }[] = [
    { name: 'all send', facts: hubOf([3, 18]), verdict: { state: 'quiet' } },
    {
      name: 'one stopped',
      facts: hubOf([3, 19]),
      verdict: {
        state: 'silent',
        code: 'SRC-001',
        reason: 'heartbeat missing from r1 (1 of 2 regions)',
        since: NOW - 19 * MINUTE,
      },
    },
    {
      name: 'one stopped and one never began',
      facts: hubOf([30, 3, undefined]),
      verdict: { state: 'silent', reason: 'heartbeat missing from r2, r0 (2 of 3 regions)' },
    },
    {
      name: 'one never began',
      facts: hubOf([3, undefined]),
      verdict: { state: 'silent', reason: 'no heartbeat ever arrived from r1 (1 of 2 regions)' },
    },
    {
      name: 'one is new',
      facts: hubOf([3, undefined], 19),
      verdict: { state: 'pending', reason: 'waiting for the first heartbeat from r1 (1 of 2 regions)' },
    },
    {
      name: 'many stopped',
      facts: hubOf([20, 21, 22, 23, 24, 25, 26]),
      verdict: { reason: 'heartbeat missing from r6, r5, r4, r3, r2 and 2 more (7 of 7 regions)' },
    },
  ];
  for (const { name, facts, verdict } of table) t.match(judge(facts), verdict, name);
});

t.test('a hub shows the oldest of the heartbeats, and a metric for each region', async (t) => {
  const row = (facts: SourceFacts, region: string) => ({
    ...{ source: region, customer: 'acme', account: '111111111111', region, logGroup: '/g' },
    ...{ facts, firstSeenAt: 0, options: HEALTH },
  });
  const seen = overview([row(hubOf([3, 9]), 'r0'), row(hubOf([3, undefined]), 'eu-west-1')], NOW);
  const text = await createMetrics({
    ...{ version: '0', overview: () => seen, destinations: () => [], now: () => NOW },
    meters: [createReadMeter()],
  })();

  const [silent, quiet] = seen.sources;
  t.equal(quiet?.lastHeartbeatAt, NOW - 9 * MINUTE);
  t.equal(silent?.lastHeartbeatAt, undefined, 'not one ever arrived from one region');
  const last = 'guardrelay_source_last_heartbeat_timestamp_seconds{customer="acme",account="111111111111"';
  t.match(text, `${last},region="r1"} ${(NOW - 9 * MINUTE) / 1_000}`);
  t.match(text, `${last},region="r0"} ${(NOW - 3 * MINUTE) / 1_000}`);
  const json = JSON.parse(renderStatus(seen, { output: 'json', width: 120, color: false }, NOW));
  t.same(json.data[0].heartbeats, { r0: new Date(NOW - 3 * MINUTE).toISOString(), r1: null });
});

t.test('no state is green without evidence that is young enough', async (t) => {
  const age = fc.option(fc.integer({ min: 0, max: 40 * MINUTE }), { nil: undefined });
  const greens = ['ok', 'quiet'];

  fc.assert(
    fc.property(age, age, age, (read, heartbeat, event) => {
      const at = (ms: number | undefined, name: string) => (ms === undefined ? {} : { [name]: NOW - ms });
      const facts: SourceFacts = {
        ...{ pollSeconds: 60, destinations: {} },
        ...at(read, 'lastReadAt'),
        ...at(heartbeat, 'lastHeartbeatAt'),
        ...at(event, 'lastEventAt'),
      };
      const { state } = sourceHealth({ facts, firstSeenAt: NOW - 99 * MINUTE, options: HEALTH, now: NOW });
      const proof =
        read !== undefined &&
        heartbeat !== undefined &&
        read < 19 * MINUTE &&
        heartbeat - read <= 17 * MINUTE;
      return proof || !greens.includes(state);
    }),
    { numRuns: 500 },
  );
  t.pass();
});

const MUTED = { kind: 'muted', until: NOW + 60 * MINUTE, reason: 'by hand: a move' } as const;

const offCases: readonly { name: string; input: Partial<HealthInput>; verdict: object }[] = [
  {
    name: 'a region that is not enabled, whatever is known of it',
    input: {
      facts: unread,
      firstSeenAt: 0,
      off: { kind: 'region', reason: 'region not enabled in the account' },
    },
    verdict: { state: 'off', reason: 'region not enabled in the account' },
  },
  {
    name: 'a muted source that is silent',
    input: { facts: { ...proven, lastHeartbeatAt: NOW - 47 * MINUTE }, off: MUTED },
    verdict: {
      ...{ state: 'off', underlying: 'silent', code: 'SRC-001', since: NOW - 47 * MINUTE },
      reason: 'muted until 2026-11-21T13:00Z, by hand: a move; silent: heartbeat missing',
    },
  },
  {
    name: 'a muted source that is well',
    input: { facts: proven, off: MUTED },
    verdict: { state: 'off', underlying: 'quiet' },
  },
  {
    name: 'a muted source whose events are about to expire',
    input: {
      facts: { ...proven, retentionDays: 1, destinations: destination({ oldestWaitingAt: NOW - 0.9 * DAY }) },
      off: MUTED,
    },
    verdict: { state: 'off', underlying: 'failing', code: 'SRC-005' },
  },
  {
    name: 'a mute that ends now',
    input: { facts: proven, off: { ...MUTED, until: NOW } },
    verdict: { state: 'quiet', underlying: undefined },
  },
];

for (const { name, input, verdict } of offCases) {
  t.test(`off: ${name}`, async (t) => {
    const { facts = proven, ...more } = input;

    t.match(judge(facts, more), verdict);
  });
}

t.test('what is muted is counted apart, hides nothing, and is told with its problems', async (t) => {
  const place = {
    customer: 'acme',
    account: '111122223333',
    logGroup: '/g',
    firstSeenAt: NOW - DAY,
    options: HEALTH,
  };
  const silent = { ...proven, lastHeartbeatAt: NOW - 47 * MINUTE };
  const off = { kind: 'region', reason: 'region not enabled in the account' } as const;
  const seen = overview(
    [
      { ...place, source: 'a', region: 'eu-west-1', facts: silent, off: MUTED },
      { ...place, source: 'b', region: 'eu-west-2', facts: proven, off: MUTED },
      { ...place, source: 'c', region: 'us-east-1', facts: proven },
      { ...place, source: 'd', region: 'me-south-1', facts: unread, off },
    ],
    NOW,
  );

  t.equal(
    sentence(seen),
    'The only source is proven, and the destinations acknowledge. 2 more are muted, 1 of them with a problem.',
  );
  t.match(seen.counts, { off: 3, quiet: 1, silent: 0 });
  t.match(
    seen.sources.find(({ region }) => region === 'eu-west-1'),
    { state: 'off', underlying: 'silent', mutedUntil: MUTED.until },
  );
});

const SILENT_RULE = { sentAt: NOW - 8 * MINUTE, isAwaited: true, missed: 2, missedSince: NOW - 30 * MINUTE };
const SOUND_RULE = { sentAt: NOW - 8 * MINUTE, isAwaited: false, missed: 0 };
const ORIGINS = Object.fromEntries(
  ['eu-west-1', 'us-east-1', 'us-west-2'].map((region) => [
    region,
    { since: 0, lastHeartbeatAt: NOW - 3 * MINUTE },
  ]),
);

const hubCases: readonly {
  name: string;
  facts: Partial<SourceFacts>;
  state: SourceState;
  reason?: string;
}[] = [
  { name: 'every rule passes canaries on', facts: { canary: SOUND_RULE }, state: 'quiet' },
  {
    name: 'the rule of one region does not',
    facts: { canary: SOUND_RULE, canaries: { 'us-east-1': SILENT_RULE, 'us-west-2': SOUND_RULE } },
    state: 'failing',
    reason: 'us-east-1: the findings rule has not passed on the last 2 canaries',
  },
  {
    name: 'one canary of a region is lost',
    facts: { canary: SOUND_RULE, canaries: { 'us-east-1': { ...SILENT_RULE, missed: 1 } } },
    state: 'quiet',
  },
  {
    name: 'the rule of the hub does not, so that none comes',
    facts: { canary: SILENT_RULE, canaries: { 'us-east-1': SILENT_RULE } },
    state: 'failing',
    reason: 'hub: the findings rule has not passed on the last 2 canaries; nor have those of us-east-1',
  },
  {
    name: 'the rule of a region that is watched no longer',
    facts: { canary: SOUND_RULE, canaries: { 'ap-east-1': SILENT_RULE } },
    state: 'quiet',
  },
];

for (const { name, facts, state, reason } of hubCases) {
  t.test(`a hub, ${name}: ${state}`, async (t) => {
    const health = judge({ ...proven, origins: ORIGINS, ...facts });

    t.equal(health.state, state);
    if (reason !== undefined) t.match(health, { code: 'EB-001', reason, since: NOW - 30 * MINUTE });
  });
}
