import t from 'tap';

import { recordsChanges } from '../../agent/deploy/checks/trail-selectors.ts';
import { resultsIn, startCheckedWorld } from '../support/checked-world.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const AUDIT = {
  name: 'audit',
  account: ACCOUNT,
  homeRegion: 'us-east-1',
  isMultiRegion: true,
  isLogging: true,
};
const WRITES = { eventSelectors: [{ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true }] };
const ONLY = { only: ['CT-001'] } as const;

t.test('CT-001 a trail counts where it covers the region, logs, and takes changes', async (t) => {
  const world = await startCheckedWorld(t, ['us-east-1', 'eu-west-1']);
  const { trails } = world.aws;
  const look = async (region: string) => resultsIn(await world.examine(ONLY), region)['CT-001'];

  trails.add({ ...AUDIT, ...WRITES, isMultiRegion: false });
  const home = await look('us-east-1');
  const elsewhere = await look('eu-west-1');
  trails.add({ ...AUDIT, ...WRITES, isLogging: false });
  const stopped = await look('eu-west-1');
  trails.add({ ...AUDIT, eventSelectors: [{ ReadWriteType: 'ReadOnly' }] });
  const reading = await look('eu-west-1');
  trails.add({ ...AUDIT, ...WRITES, name: 'org', account: '999988887777', members: [ACCOUNT] });
  const ofOrganization = await look('eu-west-1');
  const unwanted = await world.examine({ ...ONLY, settings: { collect: { configChanges: false } } });

  t.same([home, ofOrganization], [{ kind: 'passed' }, { kind: 'passed' }]);
  t.match(elsewhere, {
    kind: 'warned',
    code: 'CT-001',
    found: /no trail of CloudTrail covers/,
    fix: /CT-001.md/,
  });
  t.match(stopped, {
    kind: 'warned',
    found: /logging of trail audit is off$/,
    fix: `aws cloudtrail start-logging --name arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/audit --region us-east-1`,
  });
  t.match(reading, { kind: 'warned', found: /trail audit leaves write management events out$/ });
  t.same(unwanted.rows, []);
});

t.test('CT-001 a trail that cannot be asked about is no trail that fails', async (t) => {
  const world = await startCheckedWorld(t, ['us-east-1']);
  const look = async (operation: string) => {
    const effect = { kind: 'error', code: 'AccessDeniedException', message: 'no' } as const;
    const remove = world.aws.world.faults.add({ service: 'cloudtrail', operation, effect });
    const { 'CT-001': result } = resultsIn(await world.examine(ONLY), 'us-east-1');
    remove();
    return result;
  };

  for (const operation of ['DescribeTrails', 'GetTrailStatus', 'GetEventSelectors']) {
    t.match(await look(operation), { kind: 'skipped', right: `cloudtrail:${operation}` });
  }
});

t.test('CT-001 selectors are judged by the calls that change GuardDuty', (t) => {
  const category = { Field: 'eventCategory', Equals: ['Management'] };
  const advanced = (...fields: readonly object[]) => ({
    basic: [],
    advanced: [{ FieldSelectors: fields.map((field) => ({ Field: '', ...field })) }],
  });
  const basic = (...selectors: readonly object[]) => ({ basic: selectors, advanced: [] });
  const cases = [
    { name: 'a selector that says nothing', selectors: basic({}), takes: true },
    { name: 'reads and writes', selectors: basic({ ReadWriteType: 'All' }), takes: true },
    { name: 'reads', selectors: basic({ ReadWriteType: 'ReadOnly' }), takes: false },
    { name: 'data events', selectors: basic({ IncludeManagementEvents: false }), takes: false },
    { name: 'reads, and writes', selectors: basic({ ReadWriteType: 'ReadOnly' }, {}), takes: true },
    { name: 'nothing', selectors: basic(), takes: false },
    { name: 'management events', selectors: advanced(category), takes: true },
    { name: 'data', selectors: advanced({ ...category, Equals: ['Data'] }), takes: false },
    { name: 'writes', selectors: advanced(category, { Field: 'readOnly', Equals: ['false'] }), takes: true },
    {
      name: 'only reads',
      selectors: advanced(category, { Field: 'readOnly', Equals: ['true'] }),
      takes: false,
    },
    {
      name: 'all but KMS',
      selectors: advanced(category, { Field: 'eventSource', NotEquals: ['kms.amazonaws.com'] }),
      takes: true,
    },
    {
      name: 'all but GuardDuty',
      selectors: advanced(category, { Field: 'eventSource', NotStartsWith: ['guardduty'] }),
      takes: false,
    },
    {
      name: 'calls to some services',
      selectors: advanced(category, { Field: 'eventSource', EndsWith: ['duty.amazonaws.com'] }),
      takes: true,
    },
    {
      name: 'some calls',
      selectors: advanced(category, { Field: 'eventName', StartsWith: ['Create'] }),
      takes: false,
    },
    {
      name: 'all but some calls',
      selectors: advanced(category, { Field: 'eventName', NotEquals: ['Decrypt'] }),
      takes: true,
    },
    { name: 'no fields', selectors: advanced(), takes: false },
  ];

  for (const { name, selectors, takes } of cases) t.equal(recordsChanges(selectors), takes, name);
  t.end();
});
