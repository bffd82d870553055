import t from 'tap';

import type { Finding } from '../../agent/model/finding.ts';
import type { JsonObject, JsonValue } from '../../agent/model/json.ts';
import { FINDING_KINDS, findingOf, findingTypes } from '../support/finding-kinds.ts';
import { wholeFinding } from '../support/finding-shape.ts';
import { plausible } from '../support/finding-values.ts';
import { enveloped, recordOf } from '../support/log-events.ts';

function findingFrom(detail: JsonObject, fields: JsonObject = {}): Finding {
  const record = recordOf(enveloped(detail, fields));
  if (record.kind !== 'finding') throw new Error(`it is ${record.kind}`);
  return record.finding;
}

function ofKind(name: string, fields: JsonObject = {}): Finding {
  const kind = FINDING_KINDS.find((one) => one.name === name);
  if (!kind) throw new Error(`no kind ${name}`);
  return findingFrom(findingOf(kind, fields));
}

t.test('every type is read into its parts', (t) => {
  const rows = findingTypes();

  for (const { type, parts } of rows) {
    const { purpose, resource, family, mechanism = '', artifact = '' } = findingFrom({ type }).parts ?? {};
    t.same([purpose, resource, family, mechanism, artifact], parts, type);
  }
  t.equal(rows.length, 225);
  t.end();
});

t.test('a type of another form stays a type without parts', (t) => {
  for (const type of ['no type', 'a:b', ':x/y', 'a:b/', `a:b/${'c'.repeat(100_000)}`]) {
    t.match(findingFrom({ type }), { type, parts: undefined });
  }
  t.notOk('type' in findingFrom({ type: 7 }));
  t.end();
});

const REMOTE = { ipAddressV4: '203.0.113.10' };
const LOCAL = { ipAddressV4: '10.0.1.10' };

function network(action: JsonObject, service: JsonObject = {}, instance: JsonObject = {}): JsonObject {
  const networkConnectionAction = { remoteIpDetails: REMOTE, localIpDetails: LOCAL, ...action };
  return {
    resource: { instanceDetails: instance },
    service: { action: { actionType: 'NETWORK_CONNECTION', networkConnectionAction }, ...service },
  };
}

t.test('what begins a connection is its source', (t) => {
  const rows: readonly [direction: JsonValue, role: JsonValue, source: string][] = [
    ['INBOUND', null, 'remote'],
    ['INBOUND', 'ACTOR', 'remote'],
    ['OUTBOUND', null, 'local'],
    ['OUTBOUND', 'TARGET', 'local'],
    ['UNKNOWN', 'ACTOR', 'local'],
    ['UNKNOWN', 'TARGET', 'remote'],
    ['UNKNOWN', null, 'remote'],
    [null, 'ACTOR', 'local'],
    [null, null, 'remote'],
    ['sideways', null, 'remote'],
  ];

  for (const [connectionDirection, resourceRole, source] of rows) {
    const finding = findingFrom(network({ connectionDirection }, { resourceRole }));
    const why = `${String(connectionDirection)} ${String(resourceRole)}`;
    t.equal(finding.source?.ip, source === 'remote' ? REMOTE.ipAddressV4 : LOCAL.ipAddressV4, why);
    t.equal(finding.destination?.ip, source === 'remote' ? LOCAL.ipAddressV4 : REMOTE.ipAddressV4, why);
  }
  t.end();
});

t.test('other actions have a source and no destination', (t) => {
  const interfaces = { networkInterfaces: [{ privateIpAddress: '10.0.1.10', subnetId: 'subnet-1' }] };
  const resource = { instanceDetails: interfaces };
  const rows: readonly [actionType: string, member: string, action: JsonObject, source: string][] = [
    ['AWS_API_CALL', 'awsApiCallAction', { remoteIpDetails: REMOTE }, '203.0.113.10'],
    ['KUBERNETES_API_CALL', 'kubernetesApiCallAction', { remoteIpDetails: REMOTE }, '203.0.113.10'],
    ['KUBERNETES_API_CALL', 'kubernetesApiCallAction', { sourceIPs: ['x', '192.0.2.1'] }, '192.0.2.1'],
    ['KUBERNETES_API_CALL', 'kubernetesApiCallAction', { sourceIps: '192.0.2.1' }, '192.0.2.1'],
    ['RDS_LOGIN_ATTEMPT', 'rdsLoginAttemptAction', { remoteIpDetails: REMOTE }, '203.0.113.10'],
    ['DNS_REQUEST', 'dnsRequestAction', { domain: 'example.org' }, '10.0.1.10'],
  ];

  for (const [actionType, member, action, source] of rows) {
    const finding = findingFrom({ resource, service: { action: { actionType, [member]: action } } });
    t.equal(finding.source?.ip, source, actionType);
    t.notOk('destination' in finding, actionType);
  }
  t.end();
});

t.test('each probed port is an entry, and the first one is the finding’s', (t) => {
  const entry = (port: number, ip: string) => ({
    localPortDetails: { port, portName: 'web' },
    localIpDetails: LOCAL,
    remoteIpDetails: { ipAddressV4: ip },
  });
  const portProbeDetails = [entry(80, '203.0.113.1'), entry(0, '203.0.113.2')];
  const portProbeAction = { blocked: true, portProbeDetails };

  const finding = findingFrom({ service: { action: { actionType: 'PORT_PROBE', portProbeAction } } });

  t.same(
    finding.probes.map(({ remote, local }) => [remote.ip, local.ip, local.port]),
    [
      ['203.0.113.1', '10.0.1.10', 80],
      ['203.0.113.2', '10.0.1.10', undefined],
    ],
  );
  t.match(finding, { source: { ip: '203.0.113.1' }, destination: { port: 80 }, blocked: true });
  t.end();
});

t.test('the near end is completed from the interface that the action names', (t) => {
  const networkInterfaces = [
    { networkInterfaceId: 'eni-1', privateIpAddress: '10.0.0.1', subnetId: 'subnet-1' },
    {
      networkInterfaceId: 'eni-2',
      privateIpAddress: 'hidden',
      ipv6Addresses: ['x', '2001:db8::2'],
      vpcId: 'v',
    },
    { networkInterfaceId: 'eni-3', privateIpAddress: '10.0.0.3' },
  ];
  const instance = { instanceId: 'i-1', networkInterfaces };
  const rows: readonly [action: JsonObject, local: object][] = [
    [{}, { ip: '10.0.1.10', interfaceId: 'eni-1', subnetId: 'subnet-1', instanceId: 'i-1' }],
    [{ localIpDetails: null }, { ip: '10.0.0.1', ipVersion: 4 }],
    [
      { localIpDetails: {}, localNetworkInterface: 'eni-2' },
      { ip: '2001:db8::2', ipVersion: 6, vpcId: 'v' },
    ],
    [{ localIpDetails: { ipAddressV4: '10.0.0.3' } }, { ip: '10.0.0.3', interfaceId: 'eni-3' }],
    [{ localIpDetails: { ipAddressV6: '2001:db8::9' } }, { ip: '2001:db8::9', ipVersion: 6 }],
  ];

  for (const [action, local] of rows) t.match(findingFrom(network(action, {}, instance)).local, local);
  t.same(findingFrom(network({ localIpDetails: null }, {}, { networkInterfaces: [] })).local, {});
  t.end();
});

t.test('only addresses, ports and numbers of networks that exist are told', (t) => {
  const addresses: readonly [value: JsonValue, ip: string | undefined][] = [
    ['203.0.113.10', '203.0.113.10'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1%eth0', undefined],
    ['203.0.113.10 x', undefined],
    ['10.0.0.256', undefined],
    ['0000:0000:0000:0000:0000:ffff:192.168.100.228', undefined],
    [7, undefined],
    [null, undefined],
  ];
  const ports: readonly [value: JsonValue, port: number | undefined][] = [
    [443, 443],
    ['443', 443],
    [0, undefined],
    [-1, undefined],
    [65_536, undefined],
    [1.5, undefined],
    ['http', undefined],
  ];
  const numbers: readonly [value: JsonValue, asn: number | undefined][] = [
    ['64500', 64_500],
    [64_500, 64_500],
    ['-1', undefined],
    ['0', undefined],
    [null, undefined],
  ];

  for (const [value, ip] of addresses) {
    t.equal(findingFrom(network({ remoteIpDetails: { ipAddressV4: value } })).remote.ip, ip, String(value));
  }
  for (const [port, expected] of ports) {
    t.equal(findingFrom(network({ remotePortDetails: { port } })).remote.port, expected, String(port));
  }
  for (const [asn, expected] of numbers) {
    const { remote } = findingFrom(network({ remoteIpDetails: { organization: { asn } } }));
    t.equal(remote.network?.asn, expected, String(asn));
  }
  t.end();
});

t.test('coordinates count only together with a place', (t) => {
  const geoLocation = { lat: 0, lon: 0 };
  const nowhere = findingFrom(network({ remoteIpDetails: { country: {}, city: null, geoLocation } }));
  const country = { countryName: 'Germany', countryCode: 'DE' };
  const somewhere = findingFrom(network({ remoteIpDetails: { country, geoLocation } }));

  for (const [lat, lon] of [
    [91, 0],
    [0, -181],
    [1e300, 0],
    [52.5, null],
  ] as const) {
    const { remote } = findingFrom(network({ remoteIpDetails: { country, geoLocation: { lat, lon } } }));
    t.same(
      remote.location,
      { country: 'Germany', countryCode: 'DE' },
      'a place that is not on Earth is none',
    );
  }
  t.notOk('location' in nowhere.remote);
  t.same(somewhere.remote.location, { country: 'Germany', countryCode: 'DE', latitude: 0, longitude: 0 });
  t.end();
});

t.test('an API call beside the action, and an action without a type, are found', (t) => {
  const awsApiCallAction = { api: 'GetObject', serviceName: 's3.amazonaws.com', remoteIpDetails: REMOTE };
  const found = {
    actionType: 'AWS_API_CALL',
    api: { operation: 'GetObject' },
    remote: { ip: '203.0.113.10' },
  };
  const userAgent = { fullUserAgent: 'curl/8' };

  t.match(findingFrom({ service: { awsApiCallAction } }), found);
  t.match(findingFrom({ service: { action: { awsApiCallAction } } }), found);
  t.match(findingFrom({ service: { action: {}, awsApiCallAction, additionalInfo: { userAgent } } }), {
    api: { userAgent: 'curl/8' },
  });
  t.notOk('actionType' in findingFrom({ service: { action: {} } }));
  t.end();
});

t.test('the resources are listed in a fixed order, those of an attack sequence last', (t) => {
  const { resources } = findingFrom(wholeFinding(plausible));

  t.same(
    resources.map(({ type }) => type),
    [
      'AWS::EC2::Instance',
      'AWS::IAM::AccessKey',
      'AWS::S3::Bucket',
      'AWS::EKS::Cluster',
      'AWS::ECS::Cluster',
      'Kubernetes::Workload',
      'Container',
      'AWS::Lambda::Function',
      'AWS::RDS::DBInstance',
      'AWS::RDS::DBShardGroup',
      'AWS::EC2::Volume',
      'AWS::EC2::Volume',
      'AWS::EC2::Snapshot',
      'AWS::EC2::Image',
      'AWS::Backup::RecoveryPoint',
      'AWS::Bedrock::Guardrail',
      'AWS::Bedrock::Model',
      'resourceType 1',
    ],
  );
  t.ok(resources.every(({ uid, name }) => uid !== undefined || name !== undefined));
  t.match(resources[0], {
    uid: 'arn:aws:ec2:us-west-2:123456789012:instance/i-0123456789abcdef0',
    tags: [{ key: 'key 1', value: 'value 1' }],
    created: Date.UTC(2026, 6, 22, 18, 47, 17),
  });
  t.match(resources.at(-1), { account: '123456789012', region: 'us-west-2', uid: 'uid 1' });
  t.end();
});

t.test('a resource without id and name is none, and lists may be single objects', (t) => {
  const resource = {
    instanceDetails: { instanceState: 'running' },
    s3BucketDetails: { arn: 'arn:aws:s3:::b' },
  };
  const guardrails = [{ arn: 'arn:g1' }, { arn: 'arn:g2' }];

  t.match(findingFrom({ resource }).resources, [{ type: 'AWS::S3::Bucket', uid: 'arn:aws:s3:::b' }]);
  t.equal(findingFrom({ resource: { bedrockGuardrailDetails: { guardrails } } }).resources.length, 2);
  t.same(findingFrom({ resource: null }).resources, []);
  t.end();
});

t.test('instance ARN and console link are those of the partition', (t) => {
  const resource = { instanceDetails: { instanceId: 'i-1' } };
  const rows: readonly [partition: string, region: string, host: string][] = [
    ['aws', 'eu-west-1', 'eu-west-1.console.aws.amazon.com'],
    ['aws-cn', 'cn-north-1', 'cn-north-1.console.amazonaws.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'us-gov-west-1.console.amazonaws-us-gov.com'],
  ];

  for (const [partition, region, host] of rows) {
    const finding = findingFrom({ accountId: '123456789012', partition, region, resource, id: 'a b&c' });
    t.equal(finding.instance?.arn, `arn:${partition}:ec2:${region}:123456789012:instance/i-1`);
    t.equal(
      finding.url,
      `https://${host}/guardduty/home?region=${region}#/findings?macros=current&fId=a%20b%26c`,
    );
  }
  for (const detail of [{ partition: 'aws-iso' }, { region: 'evil.example/' }, { id: null }]) {
    t.notOk('url' in findingFrom({ id: 'x', ...detail }));
  }
  t.match(findingFrom({ id: '\ud83e' }).url, /fId=%EF%BF%BD$/, 'a lone surrogate has no encoding');
  t.end();
});

t.test('the detector is known by its ARN', (t) => {
  const service = { detectorId: 'd1' };
  const arn = 'arn:aws:guardduty:us-west-2:123456789012:detector/d2/finding/f';

  t.equal(findingFrom({ service, arn }).detectorArn, arn.replace('/finding/f', ''));
  t.equal(findingFrom({ service }).detectorArn, 'arn:aws:guardduty:us-west-2:123456789012:detector/d1');
  t.notOk('detectorArn' in findingFrom({}));
  t.end();
});

t.test('whoever acted is the user', (t) => {
  const kubernetesUserDetails = {
    username: 'system:anonymous',
    uid: 'u',
    groups: ['system:unauthenticated'],
  };
  const both = {
    accessKeyDetails: { userName: 'alice', principalId: 'AIDA' },
    kubernetesDetails: { kubernetesUserDetails },
  };
  const call = { actionType: 'KUBERNETES_API_CALL', kubernetesApiCallAction: { verb: 'get' } };
  const login = {
    actionType: 'RDS_LOGIN_ATTEMPT',
    rdsLoginAttemptAction: { LoginAttributes: { user: 'root' } },
  };
  const rows: readonly [detail: JsonObject, user: object | undefined][] = [
    [{ resource: both }, { name: 'alice', id: 'AIDA', groups: [] }],
    [
      { resource: both, service: { action: call } },
      { name: 'system:anonymous', id: 'u', groups: ['system:unauthenticated'] },
    ],
    [{ resource: { kubernetesDetails: { kubernetesUserDetails } } }, { name: 'system:anonymous' }],
    [{ resource: { rdsDbUserDetails: { user: 'app' } }, service: { action: login } }, { name: 'app' }],
    [{ service: { action: login } }, { name: 'root', groups: [] }],
    [{ service: { detection: { sequence: { actors: [{}, { user: { name: 'bob' } }] } } } }, { name: 'bob' }],
    [{}, undefined],
  ];

  for (const [detail, user] of rows) t.match(findingFrom(detail).user, user);
  t.end();
});

t.test('a process is told with its ancestors, and with a hash that is one', (t) => {
  const { process, runtimeContext, toolName, container, cluster, workload } = ofKind('Runtime');
  const detail = { service: { runtimeDetails: { process: { name: 'x', executableSha256: 'no hash' } } } };

  t.match(process, { name: 'name 1', pid: 3, sha256: /^[0-9a-f]{64}$/, ancestors: [{ name: 'name 1' }] });
  t.match(runtimeContext, { toolName });
  t.match(
    { container, cluster, workload },
    { container: { id: /./ }, cluster: { kind: 'eks' }, workload: { name: /./ } },
  );
  t.same(findingFrom(detail).process, { name: 'x', ancestors: [] });
  t.end();
});

t.test('files come with the threat in them, and each threat once', (t) => {
  const threats = [
    { name: 'EICAR', itemDetails: [{ itemPath: 'a/b.zip', hash: 'h', resourceArn: 'arn:r' }], count: 2 },
    { name: 'EICAR', itemPaths: [{ nestedItemPath: 'inner' }], hash: 'of the archive' },
    { name: 'Other', hash: 'ab'.repeat(32) },
  ];
  const s3ObjectDetails = { key: 'k', objectArn: 'arn:o', hash: 'x' };
  const detail = {
    resource: { s3BucketDetails: [{ s3ObjectDetails }] },
    service: { malwareScanDetails: { threats } },
  };

  const finding = findingFrom(detail);

  t.same(finding.files, [
    { path: 'a/b.zip', name: 'b.zip', hash: 'h', holder: 'arn:r', threat: 'EICAR' },
    { path: 'inner', name: 'inner', hash: 'of the archive', threat: 'EICAR' },
    { hash: 'ab'.repeat(32), sha256: 'ab'.repeat(32), threat: 'Other' },
    { path: 'k', name: 'k', hash: 'x', holder: 'arn:o' },
  ]);
  t.same(
    finding.threats.map(({ name }) => name),
    ['EICAR', 'Other'],
  );
  t.match(ofKind('ECS'), {
    files: [{ path: '/usr/bin/example', threat: 'name 1' }],
    threats: [{ count: 3 }],
  });
  t.end();
});

t.test('a purpose that is a tactic of MITRE ATT&CK is told as one', (t) => {
  const rows: readonly [type: string, tactic: object | undefined][] = [
    ['CredentialAccess:IAMUser/AnomalousBehavior', { id: 'TA0006', name: 'Credential Access' }],
    ['Impact:Kubernetes/X', { id: 'TA0040', name: 'Impact' }],
    ['DefenseImpairment:IAMUser/X', { name: 'Defense Impairment' }],
    ['Backdoor:EC2/X', undefined],
    ['Stealth:S3/X', undefined],
    ['AttackSequence:S3/CompromisedData', undefined],
  ];

  for (const [type, tactic] of rows) t.same(findingFrom({ type }).attacks, tactic ? [{ tactic }] : [], type);
  t.end();
});

t.test('an attack sequence names its tactics and techniques', (t) => {
  const cloud = { id: 'T1078.004', name: 'Cloud Accounts' };
  const valid = { id: 'T1078', name: 'Valid Accounts' };
  const rows: readonly [key: string, value: JsonValue, attack: object][] = [
    ['ATTACK_TACTIC', 'Defense Evasion', { tactic: { id: 'TA0005', name: 'Defense Evasion' } }],
    ['ATTACK_TACTIC', 'CredentialAccess', { tactic: { id: 'TA0006', name: 'Credential Access' } }],
    ['ATTACK_TACTIC', 'privilege_escalation', { tactic: { id: 'TA0004', name: 'Privilege Escalation' } }],
    ['ATTACK_TACTIC', 'Something New', { tactic: { name: 'Something New' } }],
    [
      'ATTACK_TECHNIQUE',
      'T1078.004 - Valid Accounts: Cloud Accounts',
      { technique: valid, subTechnique: cloud },
    ],
    ['ATTACK_TECHNIQUE', 'T1078.004', { technique: { id: 'T1078' }, subTechnique: { id: 'T1078.004' } }],
    ['ATTACK_TECHNIQUE', 'T1530 - Data from Cloud Storage', { technique: { id: 'T1530', name: /^Data/ } }],
    ['ATTACK_TECHNIQUE', 'T1530', { technique: { id: 'T1530' } }],
    ['ATTACK_TECHNIQUE', 'Data Destruction', { technique: { name: 'Data Destruction' } }],
  ];

  for (const [key, value, attack] of rows) {
    const sequence = { sequenceIndicators: [{ key, values: [value] }] };
    t.match(findingFrom({ service: { detection: { sequence } } }).attacks, [attack], String(value));
  }
  const nameless = { sequenceIndicators: [{ key: 'ATTACK_TECHNIQUE', values: ['', 'x'.repeat(1000)] }] };
  t.same(findingFrom({ service: { detection: { sequence: nameless } } }).attacks, []);
  t.end();
});

t.test('an attack sequence is told with signals, actors, endpoints and other indicators', (t) => {
  const sequenceIndicators = [
    { key: 'HIGH_RISK_API', title: 'High-risk APIs', values: ['s3:DeleteObject'] },
    { key: 'SUSPICIOUS_NETWORK', values: { a: 1 } },
    { key: 'ATTACK_TACTIC', values: ['Impact'] },
    { values: ['nameless'] },
  ];
  const actor = {
    id: 'a1',
    user: { name: 'bob' },
    session: { mfAStatus: 'DISABLED', createdTime: 1_784_746_037 },
  };
  const endpoint = { id: 'e1', ip: '203.0.113.10', port: 0, connection: { direction: 'OUTBOUND' } };
  const signals = {
    uid: 's1',
    type: 'FINDING',
    severity: 8,
    endpointIds: ['e1'],
    firstSeenAt: 1_784_746_037,
  };
  const sequence = { uid: 'q1', signals, actors: [actor], endpoints: [endpoint], sequenceIndicators };

  const finding = findingFrom({ service: { action: null, detection: { sequence } } });

  t.same(finding.sequence?.indicators, [
    { key: 'HIGH_RISK_API', title: 'High-risk APIs', values: ['s3:DeleteObject'] },
    { key: 'SUSPICIOUS_NETWORK', values: ['{"a":1}'] },
  ]);
  t.match(finding.sequence, {
    signals: [{ uid: 's1', severity: 8, firstSeen: 1_784_746_037_000, endpointIds: ['e1'], actorIds: [] }],
    actors: [{ id: 'a1', session: { isMfa: false, created: 1_784_746_037_000 } }],
    endpoints: [{ id: 'e1', ip: '203.0.113.10', direction: 'OUTBOUND' }],
  });
  t.match(finding, {
    direction: 'OUTBOUND',
    destination: { ip: '203.0.113.10' },
    remote: { ip: '203.0.113.10' },
  });
  t.notOk('id' in finding.remote || 'source' in finding || 'port' in finding.remote);
  t.end();
});

t.test('additional info is completed by the JSON in its value', (t) => {
  const rows: readonly [info: JsonValue, expected: object][] = [
    [
      { value: '{"a":1,"b":2}', b: 3 },
      { value: '{"a":1,"b":2}', a: 1, b: 3 },
    ],
    [{ value: '{}' }, { value: '{}' }],
    [{ value: '{"a":' }, { value: '{"a":' }],
    [{ value: '[1]' }, { value: '[1]' }],
    [{ value: { a: 1 } }, { value: { a: 1 } }],
    ['text', {}],
    [null, {}],
  ];

  for (const [additionalInfo, expected] of rows) {
    t.same(findingFrom({ service: { additionalInfo } }).additionalInfo, expected);
  }
  t.end();
});
