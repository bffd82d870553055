import { readFileSync } from 'node:fs';

import t from 'tap';

import { costText, estimateCost } from '../../agent/deploy/cost.ts';

// Of 34 regions, in 30 days: calls in millions, US dollars of GuardDuty and of a second trail.
const table: readonly (readonly [number, number, number, number])[] = [
  [10, 8.81, 35.3, 176.3],
  [15, 5.88, 23.5, 117.5],
  [60, 1.47, 5.9, 29.4],
  [300, 0.29, 1.2, 5.9],
];
for (const [pollSeconds, millions, guardDuty, secondTrail] of table) {
  t.test(`D27 reading 34 regions every ${pollSeconds} s costs ${guardDuty} dollars a month`, (t) => {
    const cost = estimateCost({ regions: 34, sources: 34, pollSeconds, heartbeatMinutes: 0 });

    t.equal(Math.round(cost.callsPerMonth / 10_000) / 100, millions);
    t.ok(Math.abs(cost.guardDutyUsd - guardDuty) < 0.06);
    t.ok(Math.abs(cost.secondTrailUsd - secondTrail) < 0.2);
    t.equal(cost.heartbeatUsd, 0);
    t.end();
  });
}

t.test('D27 a heartbeat every five minutes costs a region a seventh of a cent a month', (t) => {
  const { heartbeatUsd } = estimateCost({ regions: 1, sources: 1, pollSeconds: 60, heartbeatMinutes: 5 });

  t.ok(Math.abs(heartbeatUsd - 0.0014) < 0.000_1);
  t.end();
});

t.test('the estimate names the economy mode only where that would be slower', (t) => {
  const watching = { regions: 18, sources: 18, pollSeconds: 60, heartbeatMinutes: 5 };

  t.match(
    costText(watching, 300),
    /777,600 calls.*\$3\.11;\n.*\$15\.55 more(.|\n)*economy mode, every 300 s: \$0\.62, and \$3\.11/,
  );
  t.notMatch(costText({ ...watching, pollSeconds: 300 }, 300), /economy/);
  t.notMatch(costText(watching, 300), /hub/);
  t.end();
});

t.test('a hub is read once, and pays for the heartbeats that are brought to it', (t) => {
  const hub = { regions: 34, sources: 1, pollSeconds: 60, heartbeatMinutes: 5 };

  const cost = estimateCost(hub);

  t.equal(cost.callsPerMonth, 43_200);
  t.ok(Math.abs(cost.guardDutyUsd - 0.1728) < 1e-9);
  t.ok(
    Math.abs(cost.forwardingUsd - 0.28512) < 1e-9,
    '33 regions, 8,640 heartbeats each, a dollar a million',
  );
  t.equal(cost.heartbeatUsd, estimateCost({ ...hub, sources: 34 }).heartbeatUsd);
  t.equal(estimateCost({ ...hub, sources: 34 }).forwardingUsd, 0);
  t.match(
    costText(hub, 300),
    /heartbeats \$0\.05, and \$0\.29 to bring them to the hub\n(.|\n)*without the hub: 1,468,800 calls of 34 log groups, \$5\.88, and \$29\.38/,
  );
  t.end();
});

t.test('the page of hub mode tells the same prices', (t) => {
  const page = readFileSync(new URL('../../docs/hub-mode.md', import.meta.url), 'utf8');
  const columns = [34, 17].flatMap((regions) =>
    [regions, 1].map((sources) => estimateCost({ regions, sources, pollSeconds: 60, heartbeatMinutes: 5 })),
  );
  const row = (title: string, cells: readonly string[]): string => `| ${title} | ${cells.join(' | ')} |`;
  const usd = (amount: number): string => `$${amount.toFixed(2)}`;

  for (const wanted of [
    row(
      'calls that read, every 60 s',
      columns.map(({ callsPerMonth }) => callsPerMonth.toLocaleString('en-US')),
    ),
    row(
      'their analysis by GuardDuty',
      columns.map(({ guardDutyUsd }) => usd(guardDutyUsd)),
    ),
    row(
      'a second trail that copies management events',
      columns.map(({ secondTrailUsd }) => usd(secondTrailUsd)),
    ),
    row(
      'heartbeats, taken in by CloudWatch Logs',
      columns.map(({ heartbeatUsd }) => usd(heartbeatUsd)),
    ),
    row(
      'heartbeats, forwarded to the hub',
      columns.map(({ forwardingUsd }) => (forwardingUsd > 0 ? usd(forwardingUsd) : '')),
    ),
  ]) {
    t.ok(page.includes(wanted.replaceAll('|  |', '| |')), wanted);
  }
  t.end();
});
