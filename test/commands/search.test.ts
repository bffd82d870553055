import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';

import { accountIn, siemQuery } from '../../agent/commands/search/siem-query.ts';
import { destinationOptions } from '../../agent/ship/sinks/index.ts';
import { ADMIN, finding, GROUP, insert, MEMBER, placeOf, REGIONS, setScene } from '../support/agent-cli.ts';

const HOUR_MS = 3_600_000;
const OTHER = '222222222222';

const CHANGE = JSON.stringify({
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.guardduty',
  account: ADMIN,
  detail: {
    eventSource: 'guardduty.amazonaws.com',
    eventName: 'DeleteDetector',
    eventID: 'e-1',
    userIdentity: { type: 'IAMUser', userName: 'mallory', accountId: ADMIN },
  },
});

function rowsOf({ stdout }: { readonly stdout: string }): readonly Record<string, unknown>[] {
  return JSON.parse(stdout).data;
}

t.test('the index and the log groups answer alike, whatever is asked', async (t) => {
  const { aws, guardrelay } = await setScene(t);
  insert(aws, 'eu-west-1', 3);
  const now = Date.now();
  aws.logs.insert(placeOf('us-east-1'), GROUP, [
    { timestamp: now - 40_000, message: finding(9, OTHER) },
    { timestamp: now - 20_000, message: CHANGE },
    { timestamp: now - 1_000, message: `hostile \u001b[2J \u202e <b>${MEMBER}\nsecond line` },
  ]);
  const pass = await guardrelay('run', '--once');
  t.equal(pass.code, 0, pass.stderr);
  const asked: readonly (readonly string[])[] = [
    [`*${MEMBER}*`],
    ['1111-1111-1111', '--limit', '4'],
    ['hostile?*second'],
    ['', '--min-severity', '7', '--type', 'delete*', '--kind', 'config-change', '--customer', 'acme'],
    ['', '--account', '2222-2222-2222', '--region', 'us-*'],
    ['', '--since', iso(now - 30_000), '--until', iso(now - 10_000)],
  ];

  for (const options of asked) {
    const command = ['search', ...options, '--json', '--raw'];
    const [index, groups] = await Promise.all([
      guardrelay(...command),
      guardrelay(...command, '--from', 'cloudwatch'),
    ]);

    t.equal(index.code, 0, index.stderr);
    t.equal(groups.code, 0, groups.stderr);
    const [found, same] = [rowsOf(index), rowsOf(groups)];
    t.same(
      same.map((row) => ({ ...row, acked: [] })).toSorted(byName),
      found.map((row) => ({ ...row, acked: [] })).toSorted(byName),
      options.join(' '),
    );
    t.ok(found.length > 0, options.join(' '));
  }
});

function iso(time: number): string {
  return new Date(time).toISOString();
}

function byName(one: Record<string, unknown>, other: Record<string, unknown>): number {
  return `${one.source}${one.eventId}`.localeCompare(`${other.source}${other.eventId}`);
}

t.test('log groups are searched without an agent ever having run, and nothing is written', async (t) => {
  const { aws, siem, cwd, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 2);

  const { code, stdout, stderr } = await guardrelay('search', `*${MEMBER}*`, '--from', 'cloudwatch');

  t.equal(code, 0, stderr);
  t.equal(stdout.trimEnd().split('\n').length, 5, 'a title and four records');
  t.notMatch(stdout, /ACKED/);
  t.match(stderr, `Read 2 of 2 log groups as far as needed.\n4 records · collected in ${ADMIN}`);
  t.notOk(existsSync(join(cwd, 'state', 'search.db')));
  t.notOk(existsSync(join(cwd, 'state', 'state.db')));
  t.same(siem.requests, []);
});

t.test('the newest come first, and no more of a group is read than the limit needs', async (t) => {
  const { aws, guardrelay } = await setScene(t);
  const now = Date.now();
  const events = Array.from({ length: 25_000 }, (_, index) => ({
    timestamp: now - HOUR_MS + index,
    message: finding(index),
  }));
  aws.logs.insert(placeOf('eu-west-1'), GROUP, events);
  aws.logs.insert(placeOf('us-east-1'), GROUP, [{ timestamp: now - 2 * HOUR_MS, message: finding(1) }]);

  const result = await guardrelay('search', '', '--from', 'cloudwatch', '--limit', '3', '--json');

  t.equal(result.code, 0, result.stderr);
  t.match(result.stderr, '3 records, the newest: --limit shows more');
  t.same(
    rowsOf(result).map(({ time }) => Date.parse(String(time))),
    [24_999, 24_998, 24_997].map((index) => now - HOUR_MS + index),
  );
});

t.test('what could not be read is said, and the rest is found', async (t) => {
  const { aws, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 1);
  aws.logs.groups(placeOf('us-east-1')).retain(GROUP, 3);
  aws.world.faults.add({
    ...{ service: 'logs', region: 'eu-west-1' },
    effect: { kind: 'error', code: 'AccessDeniedException', message: 'explicit deny' },
  });

  const partly = await guardrelay('search', '', '--from', 'cloudwatch', '--json');
  const late = await guardrelay('search', '', '--from', 'cloudwatch', '--timeout', '1s', '--json');

  t.equal(partly.code, 7, partly.stderr);
  t.equal(rowsOf(partly).length, 1);
  t.match(JSON.parse(partly.stdout).summary, { complete: false, from: 'cloudwatch' });
  t.match(partly.stderr, /AUTH-006 .*eu-west-1/);
  t.match(partly.stderr, /us-east-1 keeps nothing from before/);
  t.match(partly.stderr, 'Read 1 of 2 log groups');
  t.ok([6, 7].includes(late.code ?? 0), late.stderr);
});

t.test('records that are older than the index are pointed at', async (t) => {
  const { aws, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 1);
  t.equal((await guardrelay('run', '--once')).code, 0);
  const old = { timestamp: Date.now() - 30 * HOUR_MS, message: finding(5) };
  aws.logs.insert(placeOf('us-east-1'), GROUP, [old]);

  const index = await guardrelay('search', '');
  const groups = await guardrelay('search', '', '--from', 'cloudwatch');
  const quiet = await guardrelay('search', '', '--quiet');

  t.match(index.stderr, /The index begins at .*; --from cloudwatch reads the log groups themselves/);
  t.match(groups.stderr, /1 of the records are older than the index/);
  t.equal(quiet.stderr, '');
});

t.test('the last line says how to look in the SIEM, and who has each record since when', async (t) => {
  const loki = { id: 'loki', type: 'loki', url: 'http://127.0.0.1:9', insecureTransport: true };
  const { aws, cwd, guardrelay, siem } = await setScene(
    t,
    {
      destinations: [
        { id: 'siem', type: 'webhook', url: 'http://127.0.0.1:9', insecureTransport: true },
        loki,
      ],
    },
    { destinations: ['siem', 'loki'], accounts: { collect: [ADMIN], file: 'acme.csv' } },
  );
  await writeFile(join(cwd, 'acme.csv'), `${MEMBER},pay@acme.example,payments-prod\n`);
  insert(aws, 'eu-west-1', 1);

  const { stdout, stderr } = await guardrelay('search', MEMBER, '--from', 'cloudwatch');

  t.match(stdout, `${MEMBER} payments-prod`);
  t.match(stderr, `1 record · collected in ${ADMIN} · in Loki: {service_name="guardduty"} |= "${MEMBER}"\n`);
  t.same(siem.requests, []);
});

t.test('a command line that means nothing is refused', async (t) => {
  const { guardrelay } = await setScene(t);
  const rows = [
    [['--limit', '0'], /--limit is not a whole number/],
    [['--account', '12'], /--account 12 has not the 12 digits/],
    [['--min-severity', 'high'], /--min-severity is no number/],
    [['--since', '1h', '--until', '2h'], /--since is later than --until/],
    [['--timeout', 'soon'], /--timeout must be a span/],
  ] as const;

  const all = await Promise.all(rows.map(([args]) => guardrelay('search', '*', ...args)));

  for (const [at, { code, stderr }] of all.entries()) {
    t.equal(code, 2, stderr);
    t.match(stderr, rows[at]?.[1]);
  }
});

t.test('a query of a SIEM is given only where its options tell it', async (t) => {
  const url = 'https://siem.example';
  const queries: readonly [options: object, query: string | undefined][] = [
    [
      { type: 'splunk-hec', url, token: 'env:T', index: 'aws_guardduty' },
      `in Splunk: index=aws_guardduty "${MEMBER}"`,
    ],
    [{ type: 'splunk-hec', url, token: 'env:T' }, undefined],
    [
      { type: 'elasticsearch', url, dataStream: 'logs-aws.guardduty' },
      `in Elasticsearch: logs-aws.guardduty, cloud.account.id:${MEMBER}`,
    ],
    [
      { type: 'opensearch', url, index: 'gd', format: 'ocsf' },
      `in OpenSearch: gd, cloud.account.uid:${MEMBER}`,
    ],
    [{ type: 'opensearch', url, index: 'gd', format: 'raw' }, undefined],
    [{ type: 'elasticsearch', url: `${url}/_bulk` }, undefined],
    [
      { type: 'loki', url, labels: { job: 'a"b', env: 'x' } },
      `in Loki: {job="a\\"b",env="x"} |= "${MEMBER}"`,
    ],
    [{ type: 'loki', url, labels: {} }, `in Loki: {customer=~".+"} |= "${MEMBER}"`],
    [{ type: 'datadog', apiKey: 'env:K' }, `in Datadog: account_id:${MEMBER}`],
    [
      { type: 'sumo-logic', url, token: 'env:T', category: 'aws/guardduty' },
      `in Sumo Logic: _sourceCategory=aws/guardduty ${MEMBER}`,
    ],
    [{ type: 'sumo-logic', url, token: 'env:T', category: 'two words' }, undefined],
    [{ type: 'sumo-logic', url, token: 'env:T' }, undefined],
    [{ type: 'webhook', url }, undefined],
  ];

  for (const [options, query] of queries) {
    const parsed = destinationOptions.parse({ id: 'siem', ...options });
    t.equal(siemQuery(parsed, MEMBER), query, JSON.stringify(options));
  }
  const accounts = [`*${MEMBER}*`, '1234-5678-9123', MEMBER, '*payments*', `${MEMBER}4`].map(accountIn);
  t.same(accounts, [MEMBER, MEMBER, MEMBER, undefined, undefined]);
});
