import t from 'tap';

import { driftText } from '../../agent/commands/drift/text.ts';
import type { DriftedResource } from '../../agent/deploy/drift-check.ts';
import type { DriftRow } from '../../agent/deploy/drift-rows.ts';
import { startDeployCli } from '../support/deploy-cli.ts';
import { MEMBER } from '../support/deployment.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const GROUP = '/aws/events/guardrelay';
const CHECKED_AT = '2026-11-21T10:02:11.000Z';

function rowAt(region: string, parts: Partial<DriftRow> = {}): DriftRow {
  const place = { account: '111111111111', region };
  return { customer: 'acme', stack: 'guardrelay', ...place, state: 'in-sync', ...parts };
}

function drifted(region: string, resources: readonly DriftedResource[]): DriftRow {
  const fix = 'guardrelay doctor --customer acme';
  return rowAt(region, { state: 'drifted', code: 'CFN-005', fix, checkedAt: CHECKED_AT, resources });
}

function resource(logicalId: string, parts: Partial<DriftedResource> = {}): DriftedResource {
  return {
    logicalId,
    name: logicalId,
    type: 'AWS::Events::Rule',
    change: 'modified',
    properties: [],
    ...parts,
  };
}

function retargeted(region: string): DriftedResource {
  const arn = `arn:aws:logs:${region}:111111111111:log-group:${GROUP}`;
  return resource('FindingsRule', {
    name: 'guardrelay-findings',
    properties: [{ path: 'Targets/0', expected: arn, actual: `${arn}:*` }],
  });
}

t.test('one cause is told once, for all stacks that have it, and fits the terminal', (t) => {
  const rows = [
    rowAt('us-east-1', { checkedAt: CHECKED_AT }),
    drifted('eu-west-1', [retargeted('eu-west-1'), resource('LogPolicy', { change: 'deleted' })]),
    drifted('eu-west-2', [retargeted('eu-west-2')]),
    rowAt('eu-west-3', {
      state: 'missing',
      code: 'CFN-004',
      reason: 'the stack is missing',
      fix: 'guardrelay deploy --customer acme',
    }),
    rowAt('me-south-1', { state: 'off', reason: 'not enabled in the account' }),
  ];

  const text = driftText('acme', rows, 80);

  t.equal(
    text,
    [
      '✖ acme: 1 of 4 stacks are as they should be, 1 region is off. CloudFormation',
      'compared at 2026-11-21 10:02:11 UTC.',
      '',
      ' ✖ CFN-004  the stack is missing',
      '            in    111111111111: eu-west-3',
      '            fix   guardrelay deploy --customer acme',
      '            docs  docs/errors/CFN-004.md',
      '',
      ' ✖ CFN-005  FindingsRule guardrelay-findings was changed (2 stacks)',
      '              Targets/0',
      '                expected  …p:/aws/events/guardrelay',
      '                actual    …p:/aws/events/guardrelay:*',
      '            in    111111111111: eu-west-1 eu-west-2',
      '            fix   guardrelay doctor --customer acme',
      '            docs  docs/errors/CFN-005.md',
      '',
      ' ✖ CFN-005  LogPolicy was deleted',
      '            in    111111111111: eu-west-1',
      '            fix   guardrelay doctor --customer acme',
      '            docs  docs/errors/CFN-005.md',
      '',
    ].join('\n'),
  );
  t.end();
});

t.test('a customer without findings is one line', (t) => {
  const text = driftText('acme', [rowAt('us-east-1'), rowAt('eu-west-1')], 80);

  t.equal(
    text,
    '✔ acme: 2 of 2 stacks are as they should be. Release and configuration were\ncompared; --detect looks for other changes.\n',
  );
  t.end();
});

t.test('accounts of which each has other regions are counted after the first ones, on short lines', (t) => {
  const regions = Array.from({ length: 30 }, (_, at) => `eu-west-${at}`);
  const rows = Array.from({ length: 40 }, (_, at) =>
    regions.slice(0, at % 30).map((region) => ({
      ...drifted(region, [retargeted(region)]),
      account: String(100_000_000_000 + at),
    })),
  ).flat();

  const lines = driftText('acme', rows, 80).split('\n');

  t.match(lines.join('\n'), / and 26 accounts more$/m);
  t.ok(lines.length < 30, `${lines.length} lines`);
  t.same(
    lines.filter((line) => [...line].length > 80),
    [],
  );
  t.end();
});

t.test('what could not be compared, or is not named, is a cause of its own', (t) => {
  const half = (region: string): DriftRow => ({
    ...drifted(region, [resource('LogPolicy', { change: 'deleted' })]),
    reason: `AccessDenied: no right in ${region}, request ${region.length}-a1`,
  });

  const lines = driftText('acme', [half('us-east-1'), half('eu-west-3'), drifted('eu-west-1', [])], 80).split(
    '\n',
  );

  t.same(
    lines.filter((line) => line.includes('CFN-005  ')),
    [
      ' ✖ CFN-005  LogPolicy was deleted (2 stacks)',
      ' ✖ CFN-005  not all of the stack could be compared: AccessDenied: no right in',
      ' ✖ CFN-005  somebody has changed it: CloudFormation does not name what',
    ],
  );
  t.end();
});

t.test('nothing of what AWS says is cut, however long', (t) => {
  const arn = `arn:aws:sts::111111111111:assumed-role/${'AWSCloudFormationStackSetExecutionRole'.repeat(3)}/x`;
  const reason = `User: ${arn} is not authorized`;
  const rows = [rowAt('us-east-1', { state: 'unknown', code: 'CFN-012', reason, fix: 'Allow it.' })];

  const lines = driftText('acme', rows, 80).split('\n');

  t.ok(
    lines
      .map((line) => line.trim())
      .join('')
      .includes(arn),
  );
  t.ok(lines.every((line) => line.length <= 80));
  t.end();
});

t.test('what AWS says is made harmless for the terminal', (t) => {
  const properties = [{ path: 'Description', expected: 'a', actual: '\u001b[2Jb' }];
  const rows = [drifted('us-east-1', [resource('FindingsRule', { properties })])];

  t.match(driftText('acme', rows, 80), 'Description a → \\x1b[2Jb');
  t.end();
});

t.test('a gate: 0 in sync, 3 for what differs, 7 for what could not be looked at', async (t) => {
  const cli = await startDeployCli(t);
  const detect = ['drift', '--detect', '--poll-seconds', '0.1'];
  const { logs, world } = cli.aws;
  await cli.run('deploy', '--yes', '--poll-seconds', '0.1');

  const sound = await cli.run('drift');
  logs.groups({ account: MEMBER, region: 'eu-west-1', partition: 'aws' }).retain(GROUP, 7);
  const byTags = await cli.run('drift', '-o', 'table');
  const drifted = await cli.run(...detect);
  const elsewhere = await cli.run(...detect, '--region', 'us-*');
  const elsewhose = await cli.run(...detect, '--account', ACCOUNT);
  const effect = { kind: 'error', code: 'AccessDenied', message: 'Access Denied' } as const;
  world.faults.add({ operation: 'StackInstance', region: 'us-east-1', effect });
  const unseen = await cli.run(...detect);

  t.equal(sound.code, 0, sound.stderr);
  t.match(sound.stdout, /^CUSTOMER\tACCOUNT\tREGION\tSTACK\tSTATE\tCHECKED\tCODE\tFOUND\tFIX$/m);
  t.equal(sound.stdout.match(/\tin-sync\t-\t-\t\t$/gm)?.length, 6);
  t.equal(byTags.code, 0, byTags.stderr);
  t.match(byTags.stdout, /^✔ acme: 6 of 6 stacks are as they should be\./);
  t.equal(drifted.code, 3, drifted.stderr);
  t.match(
    drifted.stdout,
    /^acme\t222222222222\teu-west-1\tguardrelay\tdrifted\t2026-\S+Z\tCFN-005\tLogGroup \/aws\/events\/guardrelay was changed: RetentionInDays 30 → 7\tguardrelay doctor --customer acme/m,
  );
  t.match(drifted.stderr, /\[6\/6\]/, 'the progress of a comparison is told');
  t.equal(elsewhere.code, 0, elsewhere.stderr);
  t.equal(elsewhere.stdout.match(/^acme\t/gm)?.length, 2);
  t.equal(elsewhose.code, 0, elsewhose.stderr);
  t.equal(unseen.code, 7, unseen.stderr);
  t.match(unseen.stdout, /us-east-1\tguardrelay\tunknown\t-\tCFN-012\tAccess Denied\t/);
});

t.test('the same rows stand in JSON and NDJSON', async (t) => {
  const cli = await startDeployCli(t, { regions: ['us-east-1', 'eu-west-1'] });
  const other = { stack: { retentionDays: 60 }, regions: ['us-east-1', 'eu-west-1'] };
  await cli.run('deploy', '--yes', '--poll-seconds', '0.1');
  await cli.configure(other);

  const json = await cli.run('drift', '--json');
  const ndjson = await cli.run('drift', '-o', 'ndjson');

  t.equal(json.code, 3, json.stderr);
  const { schema, summary, data } = JSON.parse(json.stdout);
  t.equal(schema, 'guardrelay.drift/v1');
  t.same(summary, { rows: 4, findings: 4, states: { outdated: 4 } });
  t.match(data[0], {
    customer: 'acme',
    region: 'us-east-1',
    stack: 'guardrelay',
    state: 'outdated',
    code: 'CFN-004',
    fix: 'guardrelay update --customer acme',
  });
  const [version, ...rows] = ndjson.stdout.trim().split('\n');
  t.match(JSON.parse(version ?? ''), { type: 'version' });
  t.same(
    rows.map((row) => JSON.parse(row)),
    data,
  );
});

t.test('Ctrl-C ends the wait, and leaves the comparison to AWS', async (t) => {
  const cli = await startDeployCli(t);
  await cli.run('deploy', '--yes', '--poll-seconds', '0.1');
  cli.aws.world.faults.add({ operation: 'StackInstance', effect: { kind: 'hang', ms: 60_000 } });

  const child = await cli.start('drift', '--detect', '--poll-seconds', '0.1');
  await cli.said(child, 'has begun');
  const stopped = await child.end('SIGINT');

  t.equal(stopped.code, 130);
  t.match(child.stderr(), /stopped; a comparison that had begun goes on in AWS/);
});
