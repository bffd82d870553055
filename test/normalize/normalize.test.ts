import { hash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';

import { asUnknown, normalize } from '../../agent/normalize/normalize.ts';
import { noticeRecord } from '../../agent/normalize/notice.ts';
import { ms } from '../../agent/normalize/time.ts';
import {
  enveloped,
  findingFixtures,
  HEARTBEAT_ARN,
  logEvent,
  NOTICE,
  recordOf,
  recordsOf,
  SOURCE,
  workedExample,
} from '../support/log-events.ts';

const ARN = 'arn:aws:guardduty:us-west-2:123456789012:detector/12abc/finding/0000';
const CALL = { eventSource: 'guardduty.amazonaws.com', eventName: 'DeleteDetector', eventID: 'call-1' };

t.test('every fixture has the class that its manifest names, bare', (t) => {
  const fixtures = findingFixtures();

  const kinds = fixtures.map(({ name, text }) => [name, recordOf(text).kind]);

  t.same(
    kinds,
    fixtures.map(({ name, kind }) => [name, kind]),
  );
  t.equal(fixtures.length, 19);
  t.end();
});

t.test('every finding of the fixtures is a finding in an envelope too, with the same identity', (t) => {
  for (const { name, text } of findingFixtures().filter(({ kind }) => kind === 'finding')) {
    const bare = recordOf(text);
    const detail = JSON.parse(text).detail ?? JSON.parse(text);

    const wrapped = recordOf(enveloped(detail));

    t.match(wrapped, { kind: 'finding', account: bare.account, time: bare.time, key: bare.key }, name);
    t.same(
      wrapped.kind === 'finding' && wrapped.finding,
      bare.kind === 'finding' && bare.finding,
      `${name}: same fields`,
    );
  }
  t.end();
});

t.test('each input form is recognized', (t) => {
  const wire = { arn: ARN, type: 'Recon:EC2/Portscan' };
  const sdk = { Arn: ARN, Type: 'Recon:EC2/Portscan' };
  const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event', region: 'eu-west-1' };
  const rows: readonly [form: string, message: unknown, kind: string][] = [
    ['L canary', enveloped({ id: 'c1' }, { source: 'guardrelay.canary', 'detail-type': 'canary' }), 'canary'],
    ['L without id', enveloped({}, { source: 'guardrelay.canary', 'detail-type': 'canary' }), 'unknown'],
    ['M heartbeat', enveloped({}, { ...scheduled, resources: [HEARTBEAT_ARN] }), 'heartbeat'],
    ['M other rule', enveloped({}, { ...scheduled, resources: [`${HEARTBEAT_ARN}2`] }), 'unknown'],
    [
      'M other region',
      enveloped({}, { ...scheduled, resources: [HEARTBEAT_ARN.replace('eu-west-1', 'us-east-1')] }),
      'unknown',
    ],
    [
      'M forwarded from another region',
      enveloped(
        {},
        {
          ...scheduled,
          region: 'us-east-1',
          resources: [HEARTBEAT_ARN.replace('eu-west-1', 'us-east-1')],
        },
      ),
      'heartbeat',
    ],
    [
      'M other account',
      enveloped({}, { ...scheduled, resources: [HEARTBEAT_ARN.replace('999999999999', '123456789012')] }),
      'unknown',
    ],
    ['M in its member form', enveloped({}, { ...scheduled, resources: HEARTBEAT_ARN }), 'heartbeat'],
    ['A', enveloped({ accountId: '123456789012' }), 'finding'],
    ['A without anything in it', enveloped({}), 'finding'],
    ['A without detail', enveloped(undefined), 'unknown'],
    ['B', enveloped({ AccountId: '123456789012', Type: 'x' }), 'finding'],
    ['G call', enveloped(CALL, { 'detail-type': 'AWS API Call via CloudTrail' }), 'config-change'],
    ['G service', enveloped(CALL, { 'detail-type': 'AWS Service Event via CloudTrail' }), 'config-change'],
    [
      'G of another service',
      enveloped(
        { ...CALL, eventSource: 's3.amazonaws.com' },
        { 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.s3' },
      ),
      'unknown',
    ],
    ['I', enveloped({}, { 'detail-type': 'GuardDuty Runtime Protection Unhealthy' }), 'guardduty-event'],
    ['C', { detail: { service: { serviceName: 'guardduty' }, type: 'Recon:EC2/Portscan' } }, 'finding'],
    ['C without type', { detail: { service: { serviceName: 'guardduty' } } }, 'unknown'],
    ['H', CALL, 'config-change'],
    ['H in a data lake', { eventsource: CALL.eventSource, eventname: CALL.eventName }, 'unknown'],
    ['D', wire, 'finding'],
    ['D without type', { arn: ARN }, 'unknown'],
    ['D with another ARN', { arn: 'arn:aws:s3:::bucket', type: 'x' }, 'unknown'],
    ['D without a detector', { arn: 'arn:aws:guardduty:::detector//finding/1', type: 'x' }, 'unknown'],
    ['E', sdk, 'finding'],
    ['F with another entry', { findings: [wire, { type: 'x' }] }, 'unknown'],
    ['F empty', { findings: [] }, 'unknown'],
    ['F empty list', [], 'unknown'],
    ['J', { hello: 'world' }, 'unknown'],
    ['J foreign source', enveloped({ a: 1 }, { source: 'aws.ec2', 'detail-type': 'x' }), 'unknown'],
    ['K text', 'plain text', 'unparsed'],
    ['K nothing', '', 'unparsed'],
    ['K scalar', '42', 'unparsed'],
    ['K null', 'null', 'unparsed'],
    ['K list of other things', [1, 2], 'unparsed'],
    ['K cut JSON', JSON.stringify(wire).slice(0, -1), 'unparsed'],
  ];

  for (const [form, message, kind] of rows) t.equal(recordOf(message).kind, kind, form);
  t.end();
});

t.test('a list of findings gives one record for each, with its own text', (t) => {
  const first = `{ "arn": "${ARN}1",  "type": "Recon:EC2/Portscan", "severity": 1.63E0, "note": "},{\\"" }`;
  const second = `{"Arn":"${ARN}2","Type":"Recon:EC2/PortProbe"}`;
  const texts = [
    `[${first} , ${second}]`,
    `{"findings": [ ${first},\n${second} ]}`,
    `{"Findings":[${first},${second}], "x": [1]}`,
    `{"findings": 1, "findings":[${first},${second}]}`,
  ];

  for (const text of texts) {
    const records = recordsOf(text);

    t.same(
      records.map(({ raw }) => raw),
      [first, second],
    );
    t.same(
      records.map(({ origin }) => origin.part),
      [
        { index: 0, of: 2 },
        { index: 1, of: 2 },
      ],
    );
    t.match(records, [{ finding: { arn: `${ARN}1` } }, { finding: { arn: `${ARN}2` } }]);
  }
  t.notOk('part' in recordOf(`[${first}]`).origin, 'a single finding is no part');
  t.end();
});

t.test('a member finding in the administrator account carries the id of the member', (t) => {
  const { detail } = workedExample();

  const record = recordOf(enveloped({ ...detail, accountId: '210987654321' }, { account: '123456789012' }));

  t.match(record, { account: '210987654321', adminAccount: '123456789012' });
  t.equal(record.key, recordOf(enveloped({ ...detail, accountId: '210987654321' })).key);
  t.notOk('adminAccount' in recordOf(enveloped(detail)), 'absent where it is the same account');
  t.end();
});

t.test('the account comes from the best place that has one', (t) => {
  const rows: readonly [why: string, message: unknown, account: string][] = [
    ['a number has lost its zeros', enveloped({ accountId: 12345678901 }), '012345678901'],
    ['a masked id stays', enveloped({ accountId: '********8494' }), '********8494'],
    ['nine digits stay', enveloped({ accountId: '123456789' }), '123456789'],
    ['the ARN is next', enveloped({ arn: ARN.replace('123456789012', '222222222222') }), '222222222222'],
    ['then the envelope', enveloped({ arn: 'arn:aws:guardduty:::x' }), '123456789012'],
    ['then the log group', enveloped({}, { account: '' }), SOURCE.account],
    ['an endless one counts as absent', enveloped({ accountId: '1'.repeat(5000) }), '123456789012'],
    ['the recipient of a call', { ...CALL, recipientAccountId: '333333333333' }, '333333333333'],
    [
      'the receiver of a call',
      enveloped(CALL, { 'detail-type': 'AWS API Call via CloudTrail' }),
      '123456789012',
    ],
    ['a bare call', CALL, SOURCE.account],
    ['an event about an account', enveloped({ accountId: '444444444444' }, { source: 'x' }), '444444444444'],
    [
      'an ARN of a resource',
      { 'detail-type': 'x', detail: {}, resources: ['text', 'arn:aws:s3:us-east-1:555555555555:x'] },
      '555555555555',
    ],
    ['text', 'text', SOURCE.account],
  ];

  for (const [why, message, account] of rows) t.equal(recordOf(message).account, account, why);
  t.end();
});

t.test('region and partition fall back to the log group', (t) => {
  const rows: readonly [message: unknown, region: string, partition: string][] = [
    [enveloped({ region: 'us-east-1', partition: 'aws-cn' }), 'us-east-1', 'aws-cn'],
    [enveloped({ awsRegion: 'us-east-2', arn: 'arn:aws-us-gov:guardduty:x' }), 'us-east-2', 'aws-us-gov'],
    [enveloped({ arn: 'arn::guardduty:x' }), 'us-west-2', 'aws'],
    [enveloped({}, { region: null }), 'eu-west-1', 'aws'],
    ['text', 'eu-west-1', 'aws'],
  ];

  for (const [message, region, partition] of rows) t.match(recordOf(message), { region, partition });
  t.end();
});

t.test('the time is told by the record, its envelope or the log group, and never 1970', (t) => {
  const at = Date.UTC(2026, 6, 22, 18, 47, 17);
  const call = { ...CALL, eventTime: '2026-07-22T18:47:17Z' };
  const rows: readonly [message: unknown, time: number][] = [
    [enveloped({ updatedAt: '2026-07-22T18:47:17.000Z' }), at],
    [call, at],
    [enveloped({ updatedAt: 'soon' }), at + 1000],
    [enveloped({ updatedAt: 0 }, { time: '1970-01-01T00:00:00Z' }), logEvent('').timestamp],
    ['text', logEvent('').timestamp],
  ];

  for (const [message, time] of rows) t.equal(recordOf(message).time, time);
  const [stampless] = normalize({ ...logEvent('text'), timestamp: 0 }, SOURCE, { heartbeatRule: 'x' });
  t.equal(stampless?.time, logEvent('').ingestionTime);
  t.end();
});

t.test('times are read in every form that occurs', (t) => {
  const at = Date.UTC(2021, 11, 9, 0, 45, 3, 120);
  const second = Date.UTC(2021, 11, 9, 0, 45, 3);
  const rows: readonly [value: unknown, time: number | undefined][] = [
    ['2021-12-09T00:45:03.120Z', at],
    ['2021-12-09T00:45:03Z', second],
    ['2021-12-09T00:45Z', Date.UTC(2021, 11, 9, 0, 45)],
    ['2021-12-09 00:45:03.12', at],
    ['2021-12-09T00:45:03.120456789Z', at],
    ['2021-12-09T00:45:03.120+0000', at],
    ['2021-12-09T02:15:03.120+01:30', at],
    ['2021-12-08T23:45:03.120-0100', at],
    [1639010703, second],
    [1639010703.12, at],
    [1.639010703e9, second],
    [1639010703120, at],
    ['1639010703', second],
    ['1.639010703E9', second],
    ['1639010703120', at],
    [' 1639010703 ', second],
    [null, undefined],
    ['', undefined],
    [' ', undefined],
    ['garbage', undefined],
    ['2021-13-09T00:45:03Z', undefined],
    ['2021-12-09', undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [1e300, undefined],
    [true, undefined],
    [{}, undefined],
  ];

  for (const [value, time] of rows) t.equal(ms(value), time, String(value));
  t.end();
});

t.test('the key names an update of a finding, whoever delivers it', (t) => {
  const { text, event, detail } = workedExample();
  const golden = '406254a373bb9ac515af4c11a147a18421210f31c38649bfc020c2a31f17f3e7';
  const update = { ...detail, updatedAt: '2026-07-22T19:47:17.000Z' };

  const key = recordOf(text).key;

  t.equal(key, golden);
  t.equal(recordOf({ ...event, id: 'another copy', account: '999999999999' }).key, golden);
  t.equal(recordOf(detail).key, golden, 'bare');
  t.not(recordOf(enveloped(update)).key, golden);
  t.not(recordOf(enveloped({ ...detail, service: { count: 2 } })).key, golden);
  const { updatedAt: _gone, ...timeless } = detail;
  t.equal(recordOf(enveloped(timeless)).key, hash('sha256', JSON.stringify(enveloped(timeless))));
  t.end();
});

t.test('other records have the key of their own event', (t) => {
  const eventId = logEvent('').id;
  const rows: readonly [message: unknown, key: string][] = [
    [CALL, 'call-1'],
    [{ ...CALL, eventID: 'x'.repeat(1000) }, eventId],
    [
      enveloped({}, { 'detail-type': 'GuardDuty Runtime Protection Healthy' }),
      '11111111-2222-3333-4444-555555555555',
    ],
    [enveloped({}, { source: 'x' }), eventId],
    ['text', eventId],
  ];

  for (const [message, key] of rows) t.equal(recordOf(message).key, key);
  t.end();
});

t.test('severity and its band are read as a number or as text', (t) => {
  const rows: readonly [severity: unknown, number: number | undefined, band: string][] = [
    [0, 0, 'Informational'],
    [0.9, 0.9, 'Informational'],
    [1, 1, 'Low'],
    [3.9, 3.9, 'Low'],
    [4, 4, 'Medium'],
    [6.9, 6.9, 'Medium'],
    [7, 7, 'High'],
    ['8.7', 8.7, 'High'],
    [9, 9, 'Critical'],
    [11, 11, 'Critical'],
    [null, undefined, 'Unknown'],
    ['high', undefined, 'Unknown'],
    [{}, undefined, 'Unknown'],
  ];

  for (const [severity, number, band] of rows) {
    const record = recordOf(enveloped({ severity }));
    t.match(record, { finding: { severity: number, band } }, String(severity));
  }
  t.end();
});

t.test('a sample is told by its additional info, also by JSON in its value, or by its title', (t) => {
  const rows: readonly [detail: object, sample: boolean][] = [
    [{ service: { additionalInfo: { sample: true } } }, true],
    [{ service: { additionalInfo: { value: '{"sample":true}' } } }, true],
    [{ service: { additionalInfo: { value: '{"sample":true}', sample: false } } }, false],
    [{ service: { additionalInfo: { value: '{"sample":tru' } } }, false],
    [{ service: { additionalInfo: { value: '[1]' } } }, false],
    [{ title: '[SAMPLE] Something' }, true],
    [{ title: 'Something', service: null }, false],
  ];

  for (const [detail, sample] of rows) t.match(recordOf(enveloped(detail)), { finding: { sample } });
  t.end();
});

t.test('a finding in SDK names is the same as in wire names', (t) => {
  const sdk = {
    AccountId: '123456789012',
    Arn: ARN,
    Type: 'Recon:EC2/Portscan',
    Resource: {
      InstanceDetails: {
        InstanceId: 'i-1',
        ProductCodes: [{ Code: 'c', ProductType: 'marketplace' }],
        NetworkInterfaces: [{ Ipv6Addresses: ['::1'], VpcId: 'vpc-1' }],
      },
      EcsClusterDetails: { TaskDetails: { TaskCreatedAt: 1 } },
    },
    Service: {
      Action: {
        AwsApiCallAction: { AffectedResources: { 'AWS::S3::Bucket': 'b' } },
        KubernetesApiCallAction: { SourceIps: ['10.0.0.1'] },
        RdsLoginAttemptAction: { LoginAttributes: [{ User: 'u' }] },
      },
      Detection: {
        Anomaly: {
          Profiles: { Account: { Name: [{ ProfileType: 'FREQUENCY', Observations: { Text: ['x'] } }] } },
          Unusual: { Behavior: { IpAddress: { Asn: { ProfileType: 'RARE' } } } },
        },
        Sequence: {
          Actors: [{ User: { Account: { Uid: '1', Name: 'n' } } }],
          Endpoints: [{ Location: { City: 'c', Latitude: 1, Longitude: 2 } }],
          Resources: [
            {
              Data: {
                Ec2Instance: { IamInstanceProfile: { Arn: 'a' } },
                KubernetesWorkload: { KubernetesResourcesTypes: 'PODS' },
              },
            },
          ],
        },
      },
    },
    constructor: 'odd',
  };
  const wire = {
    accountId: '123456789012',
    arn: ARN,
    type: 'Recon:EC2/Portscan',
    resource: {
      instanceDetails: {
        instanceId: 'i-1',
        productCodes: [{ productCodeId: 'c', productCodeType: 'marketplace' }],
        networkInterfaces: [{ ipv6Addresses: ['::1'], vpcId: 'vpc-1' }],
      },
      ecsClusterDetails: { taskDetails: { createdAt: 1 } },
    },
    service: {
      action: {
        awsApiCallAction: { affectedResources: { 'AWS::S3::Bucket': 'b' } },
        kubernetesApiCallAction: { sourceIPs: ['10.0.0.1'] },
        rdsLoginAttemptAction: { LoginAttributes: [{ user: 'u' }] },
      },
      detection: {
        anomaly: {
          profiles: { Account: { Name: [{ profileType: 'FREQUENCY', observations: { text: ['x'] } }] } },
          unusual: { behavior: { IpAddress: { Asn: { profileType: 'RARE' } } } },
        },
        sequence: {
          actors: [{ user: { account: { uid: '1', account: 'n' } } }],
          endpoints: [{ location: { city: 'c', lat: 1, lon: 2 } }],
          resources: [
            {
              data: {
                ec2Instance: { IamInstanceProfile: { arn: 'a' } },
                kubernetesWorkload: { type: 'PODS' },
              },
            },
          ],
        },
      },
    },
    constructor: 'odd',
  };

  for (const message of [sdk, enveloped(sdk)]) {
    const record = recordOf(message);

    t.equal(record.kind, 'finding');
    t.same('detail' in record && JSON.parse(JSON.stringify(record.detail)), wire);
  }
  t.equal(recordOf(sdk).raw, JSON.stringify(sdk), 'the original text stays');
  t.end();
});

t.test('a configuration change tells who did what from where', (t) => {
  const rows: readonly [identity: unknown, actor: string | undefined][] = [
    [{ userName: 'alice', arn: 'a' }, 'alice'],
    [{ sessionContext: { sessionIssuer: { userName: 'Admin' } }, arn: 'a' }, 'Admin'],
    [{ arn: 'arn:aws:sts::1:assumed-role/x' }, 'arn:aws:sts::1:assumed-role/x'],
    [undefined, undefined],
  ];

  for (const [userIdentity, actor] of rows) {
    const call = { ...CALL, userIdentity, sourceIPAddress: '192.0.2.1', errorCode: 'AccessDenied' };
    const record = recordOf(call);
    t.match(record, {
      change: { eventId: 'call-1', eventName: 'DeleteDetector', errorCode: 'AccessDenied' },
    });
    t.equal(record.kind === 'config-change' && record.change.actor, actor);
  }
  t.end();
});

t.test('the canary of another agent can go on as an unknown record', (t) => {
  const canary = recordOf(enveloped({ id: 'c1' }, { source: 'guardrelay.canary', 'detail-type': 'canary' }));

  const unknown = canary.kind === 'canary' ? asUnknown(canary) : undefined;

  t.match(unknown, { kind: 'unknown', key: canary.origin.eventId, raw: canary.raw });
  t.end();
});

t.test('a record is named for the account that it is about, not for the one of the log group', (t) => {
  const accountNames = new Map([
    ['210987654321', 'payments-prod'],
    ['999999999999', 'security'],
  ]);
  const arn = (account: string) => `arn:aws:guardduty:us-west-2:${account}:detector/d/finding/f`;
  const list = ['210987654321', '999999999999', '333333333333'].map((id) => ({ arn: arn(id), type: 'T' }));
  const rows: readonly [message: unknown, names: readonly (string | undefined)[]][] = [
    [enveloped({ accountId: '210987654321' }), ['payments-prod']],
    [enveloped({ accountId: '333333333333' }), [undefined]],
    [{ findings: list }, ['payments-prod', 'security', undefined]],
    ['no JSON', ['security']],
  ];

  for (const [message, names] of rows) {
    const records = recordsOf(message, { accountNames });
    t.same(
      records.map(({ accountName }) => accountName),
      names,
    );
  }
  t.notOk('accountName' in recordOf('no JSON'), 'nothing where nobody told the names');
  t.end();
});

t.test('a notice of the agent becomes a record of its customer', (t) => {
  const record = noticeRecord(NOTICE);

  t.match(record, {
    kind: 'notice',
    key: 'notice-1',
    customer: 'acme',
    account: '123456789012',
    accountName: NOTICE.accounts[0]?.name,
    region: 'us-gov-west-1',
    partition: 'aws-us-gov',
    time: Date.UTC(2026, 6, 22, 18, 47, 17),
  });
  t.same(JSON.parse(record.raw), NOTICE);
  const bare = noticeRecord({ ...NOTICE, accounts: [], regions: ['cn-north-1'] });
  t.match(bare, { account: '', partition: 'aws-cn' });
  t.end();
});

t.test('a finding cut anywhere is still a record with its text', (t) => {
  const { text } = workedExample();

  for (let length = 0; length < text.length; length += 1) {
    const record = recordOf(text.slice(0, length));
    if (record.raw !== text.slice(0, length) || record.kind === 'canary') t.fail(`at ${length}`);
  }
  t.equal(recordOf(text.slice(0, 500)).kind, 'unparsed');
  t.end();
});

t.test('hostile structure is data', (t) => {
  const rows: readonly [why: string, text: string, kind: string][] = [
    ['100,000 nested lists', '['.repeat(100_000) + ']'.repeat(100_000), 'unparsed'],
    [
      'deep SDK names',
      `{"Arn":"${ARN}","Type":"x","A":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      'finding',
    ],
    ['__proto__', `{"Arn":"${ARN}","Type":"x","__proto__":{"type":"forged"}}`, 'finding'],
    ['an endless ARN', JSON.stringify({ arn: ':guardduty:'.repeat(100_000), type: 'x' }), 'unknown'],
    ['a lone surrogate', '{"a":"\ud800"}', 'unknown'],
  ];

  for (const [why, text, kind] of rows) t.equal(recordOf(text).kind, kind, why);
  t.match(recordOf(rows[2]?.[1]), { finding: { type: 'x' } });
  t.end();
});

t.test('any text and any JSON gives at least one record and all of its text', (t) => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.json().map((json) => `[${json}]`),
  );

  fc.assert(
    fc.property(anything, (text) => {
      const records = recordsOf(text);
      return records.length > 0 && records.every(({ raw, time }) => text.includes(raw) && time > 0);
    }),
    { numRuns: 1000 },
  );
  t.end();
});

t.test('a finding with any values in any place is a finding', (t) => {
  const { event, detail } = workedExample();
  const anything = fc.jsonValue();

  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(detail)), anything, (name, value) => {
      const record = recordOf({ ...event, detail: { ...detail, [name]: value } });
      return record.kind === 'finding' && record.account !== '' && record.region !== '';
    }),
    { numRuns: 500 },
  );
  t.end();
});
