import t from 'tap';

import type { Condition, Observation } from '../../agent/notify/condition.ts';
import { createTeller, type Teller, type TellerOptions, type Told } from '../../agent/notify/teller.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.UTC(2026, 0, 1, 20, 53);
const ACME = { id: 'acme', name: 'ACME Corporation' };

/** A region that is silent since the start. */
function silent(region: string, change: Partial<Condition> = {}): Condition {
  return {
    ...{ type: 'source.silent', code: 'SRC-001', cause: 'acme/source.silent/SRC-001' },
    ...{ subject: `acme/111111111111/${region}:/g`, customers: [ACME], region },
    ...{ account: { id: '111111111111', name: 'payments-prod' }, reason: 'heartbeat missing' },
    ...{ since: START, lastGoodAt: START, ...change },
  };
}

function seen(at: number, conditions: readonly Condition[], change: Partial<Observation> = {}): Observation {
  return { at: START + at, conditions, unknown: new Set(), isComplete: true, ...change };
}

function tellerOf(told: readonly Told[] = [], change: Partial<TellerOptions> = {}): Teller {
  const repeatMs = 4 * HOUR_MS;
  return createTeller(told, { groupMs: MINUTE_MS, repeatMs, isAcknowledged: () => false, ...change });
}

/** What is sent at these times, when every message is taken. */
function tell(teller: Teller, observations: readonly Observation[]): readonly string[] {
  return observations.flatMap((observation) =>
    teller.due(observation).map((message) => {
      teller.settled(message);
      return `${(observation.at - START) / MINUTE_MS} ${message.event.action} ${message.event.title}`;
    }),
  );
}

const REGIONS = Array.from({ length: 17 }, (_, at) => `eu-test-${at + 10}`);

t.test('17 regions of one customer that fall within a minute are one message that names them', async (t) => {
  const teller = tellerOf();
  const some = REGIONS.slice(0, 9).map((region) => silent(region));
  const all = REGIONS.map((region) => silent(region));

  const early = tell(teller, [seen(0, some), seen(MINUTE_MS - 1, all)]);
  const [message, ...others] = teller.due(seen(MINUTE_MS, all));

  t.same(early, []);
  t.same(others, []);
  t.match(message?.event, {
    action: 'trigger',
    key: 'guardrelay/acme/source.silent/SRC-001',
    type: 'source.silent',
    severity: 'critical',
    code: 'SRC-001',
    title: `ACME Corporation: 17 regions (${REGIONS.join(', ')}) are silent: heartbeat missing`,
    at: '2026-01-01T20:54:00.000Z',
    since: '2026-01-01T20:53:00.000Z',
    lastGoodAt: '2026-01-01T20:53:00.000Z',
    customer: ACME,
    accounts: [{ id: '111111111111', name: 'payments-prod' }],
    regions: REGIONS,
    command: 'guardrelay doctor --customer acme',
    details: { count: 17, new: 17, reason: 'heartbeat missing' },
  });
});

t.test('the fix of one region names the region, and the link the customer', async (t) => {
  const teller = tellerOf([], { groupMs: 0, publicUrl: 'https://relay.example.com/soc' });

  const [message] = teller.due(seen(0, [silent('eu-central-1')]));

  t.match(message?.event, {
    title: 'ACME Corporation: eu-central-1 is silent: heartbeat missing',
    command: 'guardrelay doctor --customer acme --region eu-central-1',
    link: 'https://relay.example.com/soc/?customer=acme',
  });
});

t.test('what joins later follows as one, and what recovers meanwhile is not told', async (t) => {
  const teller = tellerOf();
  const [one, two, three] = [silent('eu-west-1'), silent('eu-west-2'), silent('eu-west-3')];

  const told = tell(teller, [
    ...[seen(0, [one]), seen(MINUTE_MS, [one])],
    ...[seen(2 * MINUTE_MS, [one, two]), seen(4 * MINUTE_MS, [one, two, three])],
    seen(11 * MINUTE_MS, [two, three]),
    ...[seen(12 * MINUTE_MS, []), seen(13 * MINUTE_MS, [])],
  ]);

  t.same(told, [
    '1 trigger ACME Corporation: eu-west-1 is silent: heartbeat missing',
    '11 trigger ACME Corporation: 2 regions (eu-west-2, eu-west-3) are silent: heartbeat missing',
    '13 resolve ACME Corporation: 2 regions (eu-west-2, eu-west-3) are heard again',
  ]);
});

t.test(
  'a region that was well again and falls anew is news, though others of its group are down still',
  (t) => {
    const [one, two] = [silent('eu-west-1'), silent('eu-west-2')];
    const fallsAnew = [
      ...[seen(0, [one, two]), seen(MINUTE_MS, [one, two])],
      ...[seen(20 * MINUTE_MS, [one]), seen(22 * MINUTE_MS, [one])],
      ...[seen(60 * MINUTE_MS, [one, two]), seen(62 * MINUTE_MS, [one, two])],
    ];
    const unknown = { unknown: new Set([two.subject]) };
    const rows: readonly [what: string, observations: readonly Observation[], anew: readonly string[]][] = [
      ['it was well for minutes', fallsAnew, ['62']],
      ['it was well for a moment', fallsAnew.toSpliced(3, 1, seen(20.5 * MINUTE_MS, [one, two])), []],
      [
        'nobody knew',
        fallsAnew.with(2, seen(20 * MINUTE_MS, [one], unknown)).with(3, seen(22 * MINUTE_MS, [one], unknown)),
        [],
      ],
    ];
    for (const [what, observations, anew] of rows) {
      const told = tell(tellerOf([], { isAcknowledged: () => true }), observations);

      t.match(told[0], '1 trigger ACME Corporation: 2 regions', what);
      t.same(
        told.slice(1).map((each) => each.split(' ')[0]),
        anew,
        what,
      );
    }
    t.end();
  },
);

t.test('what ends is resolved under the same key, when the end has lasted', async (t) => {
  const teller = tellerOf();
  const silence = [silent('eu-west-1')];
  tell(teller, [seen(0, silence), seen(MINUTE_MS, silence)]);

  const flapping = tell(teller, [
    ...[seen(2 * MINUTE_MS, []), seen(2.5 * MINUTE_MS, silence), seen(3 * MINUTE_MS, [])],
    seen(3.9 * MINUTE_MS, []),
  ]);
  const [end] = teller.due(seen(4 * MINUTE_MS, []));

  t.same(flapping, []);
  t.match(end?.event, {
    action: 'resolve',
    key: 'guardrelay/acme/source.silent/SRC-001',
    type: 'source.recovered',
    title: 'ACME Corporation: eu-west-1 is heard again',
  });
});

t.test('a trouble that becomes another is not called well', async (t) => {
  const teller = tellerOf([], { groupMs: 0 });
  tell(teller, [seen(0, [silent('eu-west-1')])]);
  const changed = silent('eu-west-1', {
    ...{ type: 'plumbing.changed', code: 'EB-004', cause: 'acme/plumbing.changed/EB-004' },
    reason: 'the heartbeat rule is disabled',
  });

  const told = tell(teller, [seen(MINUTE_MS, [changed])]);

  t.same(told, [
    '1 trigger ACME Corporation: what carries events was changed in eu-west-1: the heartbeat rule is disabled',
    '1 resolve ACME Corporation: eu-west-1 is silent: now plumbing.changed',
  ]);
});

t.test(
  'what lasts is repeated after four hours, unless it is told once or somebody takes care of it',
  async (t) => {
    const rows = [
      { name: 'silent', condition: silent('eu-west-1'), repeats: 2 },
      { name: 'unproven', condition: silent('eu-west-1', { type: 'source.unproven' }), repeats: 0 },
      { name: 'held back', condition: silent('eu-west-1'), later: { held: 'many' } as const, repeats: 0 },
      { name: 'acknowledged', condition: silent('eu-west-1'), isAcknowledged: () => true, repeats: 0 },
      { name: 'a SIEM', condition: silent('eu-west-1'), repeatMs: undefined, repeats: 0 },
    ];
    for (const { name, condition, repeats, later = {}, ...change } of rows) {
      const { repeatMs: _, ...options } = change;
      const base = { groupMs: 0, isAcknowledged: () => false, ...options };
      const teller = createTeller([], 'repeatMs' in change ? base : { ...base, repeatMs: 4 * HOUR_MS });
      tell(teller, [seen(0, [condition])]);

      const told = tell(
        teller,
        [4 * HOUR_MS - 1, 4 * HOUR_MS, 6 * HOUR_MS, 8 * HOUR_MS].map((at) =>
          seen(at, [{ ...condition, ...later }]),
        ),
      );

      t.equal(told.length, repeats, name);
    }
  },
);

t.test('nothing ends for want of knowledge', async (t) => {
  const teller = tellerOf([], { groupMs: 0 });
  const condition = silent('eu-west-1');
  tell(teller, [seen(0, [condition])]);

  const blind = tell(teller, [
    seen(MINUTE_MS, [], { isComplete: false }),
    seen(2 * MINUTE_MS, [], { unknown: new Set([condition.subject]) }),
  ]);
  const sighted = tell(teller, [seen(3 * MINUTE_MS, [])]);

  t.same(blind, []);
  t.same(sighted, ['3 resolve ACME Corporation: eu-west-1 is heard again']);
});

t.test('a restart neither repeats nor forgets', async (t) => {
  const first = tellerOf([], { groupMs: 0 });
  const condition = silent('eu-west-1');
  tell(first, [seen(0, [condition])]);

  const second = tellerOf(first.open(), { groupMs: 0 });
  const told = tell(second, [seen(MINUTE_MS, [condition]), seen(2 * MINUTE_MS, [])]);

  t.same(told, ['2 resolve ACME Corporation: eu-west-1 is heard again']);
});

t.test('what a channel has not taken is due again, as it is by then', async (t) => {
  const teller = tellerOf([], { groupMs: 0 });

  const refused = teller.due(seen(0, [silent('eu-west-1')]));
  const again = teller.due(seen(MINUTE_MS, [silent('eu-west-1'), silent('eu-west-2')]));
  const over = teller.due(seen(2 * MINUTE_MS, []));

  t.equal(refused.length, 1);
  t.match(again, [{ event: { regions: ['eu-west-1', 'eu-west-2'] } }]);
  t.same(over, [], 'what was never told has no end');
});
