import t from 'tap';

import { insert, REGIONS, setScene } from '../support/agent-cli.ts';

const [REGION = ''] = REGIONS;

t.test('what is muted shows in status with its real state, until it is muted no longer', async (t) => {
  const { aws, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 1);
  await guardrelay('run', '--once');

  const muted = await guardrelay(
    ...['mute', '--customer', 'acme', '--region', REGION, '--for', '2h', '--reason', 'new firewall'],
  );
  const [status, list] = await Promise.all([guardrelay('status', '--json'), guardrelay('mute', '--json')]);
  const [mute] = JSON.parse(list.stdout).data;
  const unmuted = await guardrelay('unmute', mute.id);
  const [after, again, empty] = await Promise.all([
    guardrelay('status', '--json'),
    guardrelay('unmute', mute.id),
    guardrelay('mute', '--json'),
  ]);

  t.same([muted.code, unmuted.code, list.code], [0, 0, 0], muted.stderr + unmuted.stderr);
  t.match(muted.stdout, /^Muted 1 source of acme until 20\S+ \S+ UTC: new firewall$/m);
  t.match(mute, { customer: 'acme', region: REGION, reason: 'new firewall', until: /Z$/ });
  const { data, summary } = JSON.parse(status.stdout);
  const row = data.find(({ region }: { region: string }) => region === REGION);
  t.match(row, {
    state: 'off',
    underlying: String,
    mutedUntil: mute.until,
    reason: /^muted until .*new firewall/,
  });
  t.match(summary, { sources: 2, muted: { all: 1 }, states: { off: 1 } });
  t.match(JSON.parse(after.stdout).summary, { muted: { all: 0 }, states: { off: 0 } });
  t.equal(again.code, 2);
  t.match(again.stderr, /Nothing is muted under the id/);
  t.same(JSON.parse(empty.stdout).data, []);
});

t.test('a mute needs a customer, an end that comes, and something to mute', async (t) => {
  const { aws, guardrelay } = await setScene(t);
  insert(aws, REGION, 1);
  await guardrelay('run', '--once');
  const rows: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [['--for', '1h', '--reason', 'x'], /needs one customer/],
    [['--customer', 'acme', '--until', '2999-01-01T00:00:00Z', '--reason', 'x'], /more than 30 days/],
    [
      ['--customer', 'acme', '--account', '999999999999', '--for', '1h', '--reason', 'x'],
      /no source of acme 9999/,
    ],
  ];

  const answers = await Promise.all(rows.map(([args]) => guardrelay('mute', ...args)));

  for (const [at, { code, stderr }] of answers.entries()) {
    t.equal(code, 2);
    t.match(stderr, rows[at]?.[1]);
  }
});
