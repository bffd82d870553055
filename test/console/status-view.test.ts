import t from 'tap';

import { REGIONS } from '../../agent/aws/regions.ts';
import { regionCode } from '../../agent/console/terminal/region-code.ts';
import { renderStatus, type StatusView } from '../../agent/console/terminal/status-view.ts';
import { widthOf } from '../../agent/console/terminal/width.ts';
import { type ObservedSource, overview } from '../../agent/health/overview.ts';
import type { DestinationFacts, SourceFacts } from '../../agent/model/source-facts.ts';
import { HEALTH, NOW } from '../support/health-facts.ts';

const MINUTE = 60_000;
const DEFAULT_REGIONS = REGIONS.filter(({ partition, optIn }) => partition === 'aws' && !optIn).map(
  ({ region }) => region,
);
const PROVEN: SourceFacts = {
  pollSeconds: 60,
  lastReadAt: NOW - 20_000,
  lastHeartbeatAt: NOW - 3 * MINUTE,
  destinations: { siem: { grade: 'accepted', mode: 'joined', waiting: 0, quarantined: 0, lastAckAt: NOW } },
};
const REFUSED: SourceFacts = {
  ...PROVEN,
  failure: { cause: 'denied', code: 'AUTH-006', text: 'AWS refuses this call', since: NOW - 28 * MINUTE },
};
const SILENT: SourceFacts = { ...PROVEN, lastHeartbeatAt: NOW - 47 * MINUTE };

function observe(customer: string, region: string, facts: SourceFacts): ObservedSource {
  const place = { customer, account: '111111111111', region, logGroup: '/aws/events/guardrelay' };
  return {
    ...place,
    source: `${customer} ${region}`,
    firstSeenAt: NOW - 60 * MINUTE,
    facts,
    options: HEALTH,
  };
}

/** 214 customers in 17 regions; one is refused everywhere, one silent in one region. */
const FLEET = Array.from({ length: 214 }, (_, at) => `customer-${at}`).flatMap((customer, at) =>
  DEFAULT_REGIONS.map((region) => {
    if (at === 20) return observe(customer, region, REFUSED);
    return observe(customer, region, at === 7 && region === 'eu-central-1' ? SILENT : PROVEN);
  }),
);

function status(sources: readonly ObservedSource[], width: number, view: Partial<StatusView> = {}): string {
  const screen = { output: 'table', width, color: false } as const;
  return renderStatus(overview(sources, NOW), screen, NOW, { all: false, matrix: false, ...view });
}

t.test('of 3,638 sources the broken ones are shown, one line for each cause, and the others counted', (t) => {
  const lines = status(FLEET, 120).split('\n');

  t.match(lines[1], /^✖ failing +customer-20 +111111111111 +ap-northeast-1 \+16 +3m/);
  t.match(lines[2], /for 28m: AUTH-006 AWS refuses this call/);
  t.match(lines[3], /^✖ silent +customer-7 +111111111111 +eu-central-1 +47m/);
  t.ok(lines.includes('+ 3620 sources proven, nothing to report (--all shows them)'));
  t.ok(lines.length < 18, `${lines.length} lines`);
  t.end();
});

t.test('under the verdict stands what to run, once for each cause, the worst three', (t) => {
  const [first, second] = DEFAULT_REGIONS;
  const several = ['a', 'b', 'c', 'd'].map((customer) => observe(customer, 'eu-west-1', SILENT));

  t.match(
    status(FLEET, 80),
    /sources need action\.\nWhat to do:\n {2}guardrelay doctor --customer customer-20\n {2}guardrelay doctor --customer customer-7 --region eu-central-1\n/,
    'all regions of the first share their cause',
  );
  t.match(status(several, 80), /--customer c --region eu-west-1\n {2}and 1 more, each as "next" in --json\n/);
  t.notMatch(
    status([observe('acme', `${first}`, PROVEN), observe('acme', `${second}`, PROVEN)], 80),
    'What to do',
  );
  const json = renderStatus(overview(several, NOW), { output: 'json', width: 80, color: false }, NOW);
  t.equal(JSON.parse(json).data[0].next, 'guardrelay doctor --customer a --region eu-west-1');
  t.end();
});

t.test('--all shows every source, and so does a terminal of few', (t) => {
  t.equal(status(FLEET, 120, { all: true }).match(/^\S \w+ +customer-\d+/gm)?.length, FLEET.length);
  t.match(status(FLEET.slice(0, 17), 120), /○ quiet +customer-0 +111111111111 +us-west-2/);
  t.end();
});

t.test('the matrix has a row for each customer with a problem and a column for each region', (t) => {
  const lines = status(FLEET, 160, { matrix: true }).split('\n');

  t.match(lines[0], /^CUSTOMER +ACC +apne1 +apne2 .* use1 +use2 +usw1 +usw2$/);
  t.match(lines[1], /^✖ customer-20 +1 +✖3m/);
  t.match(lines[2], /^✖ customer-7 +1 +3m .* ✖47m/);
  t.equal(lines[3], '+ 212 customers, nothing to report (--all shows them)');
  t.end();
});

for (const width of [80, 120]) {
  for (const matrix of [false, true]) {
    t.test(
      `${matrix ? 'the matrix' : 'the list'} fits into ${width} columns and cuts no account or region`,
      (t) => {
        const text = status(FLEET, width, { matrix });

        t.ok(text.split('\n').every((line) => widthOf(line) <= width));
        t.notMatch(text, '…');
        t.end();
      },
    );
  }
}

t.test('on a narrow terminal a matrix leaves out the regions where all is well', (t) => {
  const text = status(
    FLEET.filter(({ customer }) => customer !== 'customer-20'),
    80,
    { matrix: true },
  );

  t.match(text, /^CUSTOMER +ACC +euc1\n✖ customer-7 +1 +✖47m\n/);
  t.end();
});

t.test('every region has a code of its own', (t) => {
  const codes = REGIONS.map(({ region }) => regionCode(region));

  t.equal(new Set(codes).size, codes.length);
  t.same(['us-east-1', 'us-gov-west-1', 'ap-southeast-2'].map(regionCode), ['use1', 'usgovw1', 'apse2']);
  t.end();
});

t.test('a certificate that ends within three weeks is told, with the day', (t) => {
  const day = 24 * 60 * MINUTE;
  const ending = (siem: number | undefined): readonly ObservedSource[] => {
    const facts: DestinationFacts = {
      ...{ grade: 'accepted', mode: 'joined', waiting: 0, quarantined: 0 },
      ...(siem === undefined ? {} : { certificateExpiresAt: NOW + siem }),
    };
    return [observe('acme', 'eu-west-1', { ...PROVEN, destinations: { siem: facts } })];
  };
  const table: readonly [ms: number | undefined, column: RegExp, line: RegExp | undefined][] = [
    [undefined, /siem +idle +accepted +- /, undefined],
    [21 * day, /siem +idle +accepted +21d /, undefined],
    [21 * day - 1, /20d /, /^siem: its TLS certificate ends in 20 days, on 2026-12-12. Renew it.$/m],
    [day, / 1d /, /^siem: its TLS certificate ends in 1 day, on 2026-11-22. Renew it.$/m],
    [-1, / ended /, /^siem: its TLS certificate ended on 2026-11-21. Renew it.$/m],
  ];

  for (const [ms, column, line] of table) {
    const text = status(ending(ms), 100);
    t.match(text, column);
    if (line) t.match(text, line);
    else t.notMatch(text, 'certificate');
  }
  const json = renderStatus(overview(ending(day), NOW), { output: 'json', width: 80, color: false }, NOW);
  t.equal(JSON.parse(json).summary.destinations[0].certificateExpiresAt, '2026-11-22T12:00:00.000Z');
  t.end();
});

const MUTED = { kind: 'muted', until: NOW + 60 * MINUTE, reason: 'by hand: a move' } as const;
const REGION_OFF = { kind: 'region', reason: 'region not enabled in the account' } as const;

t.test('what is muted shows with its problem, and where nothing is read is counted in one line', (t) => {
  const sources = [
    observe('acme', 'eu-west-1', PROVEN),
    { ...observe('acme', 'eu-west-2', SILENT), off: MUTED },
    ...['me-south-1', 'sa-east-1'].map((region) => ({ ...observe('acme', region, PROVEN), off: REGION_OFF })),
  ];

  for (const width of [80, 120]) {
    const lines = status(sources, width).split('\n');

    t.match(lines[2], /^· off +acme +111111111111 +eu-west-2 +47m/);
    t.match(lines.join(' ').replaceAll(/\s+/g, ' '), /muted until 2026-11-21T13:00Z/);
    t.ok(lines.includes('+ 2 regions not enabled (--all shows them)'));
    t.ok(lines.includes('The only source is proven, and the destinations acknowledge.'));
    t.ok(lines.includes('1 more is muted, with a problem.'));
    t.ok(lines.every((line) => widthOf(line) <= width));
  }
  t.match(status(sources, 120, { all: true }), /· off +acme +111111111111 +sa-east-1 .* region not enabled/);
  t.match(
    status([{ ...observe('acme', 'eu-west-2', SILENT), off: MUTED }], 120),
    'Every source is muted, with a problem.',
  );
  t.notMatch(status(sources, 120, { matrix: true }), 'mes1');
  t.end();
});
