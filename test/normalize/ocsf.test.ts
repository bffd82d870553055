import t from 'tap';

import { isJsonObject, type JsonObject } from '../../agent/model/json.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import { noticeRecord } from '../../agent/normalize/notice.ts';
import { HOSTILE_TEXT } from '../support/adversarial-events.ts';
import {
  type DocumentFormat,
  documentContract,
  documentFaults,
  findingOfKind,
  LIMITS,
  objectIn,
  otherEventNamed,
  ROOMY,
} from '../support/document-format.ts';
import { enveloped, NOTICE, workedExample } from '../support/log-events.ts';
import { ocsfProblems } from '../support/ocsf-validator.ts';
import { parsed, renderable, textOf } from '../support/rendering.ts';

const ocsf = formatNamed('ocsf');

function eventOf(rec: RenderableRec, maxBytes = ROOMY): JsonObject {
  return parsed(textOf(ocsf, rec, maxBytes));
}

function findingEvent(kindName: string, fields: JsonObject = {}): JsonObject {
  return eventOf(findingOfKind(kindName, fields));
}

function otherEvent(name: string): JsonObject {
  return eventOf(otherEventNamed(name));
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

const FORMAT: DocumentFormat = {
  format: ocsf,
  original: 'raw_data',
  problemsOf: ocsfProblems,
  accountOf: ({ cloud }) => objectIn(objectIn(cloud).account).uid,
  saysItWasCut: ({ metadata }) => objectIn(metadata).is_truncated === true,
};

function faultsOf(rec: RenderableRec, maxBytes: number): readonly string[] {
  return documentFaults(FORMAT, rec, maxBytes);
}

documentContract(t, FORMAT);

/** The object with the member at the path replaced; without a value it goes. */
function changed(holder: JsonObject, path: string, value: unknown): JsonObject {
  const copy: Record<string, unknown> = structuredClone(holder);
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let at: unknown = copy;
  for (const step of steps) at = typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined;
  if (typeof at !== 'object' || at === null) throw new Error(`nothing is at ${path}`);
  if (value === undefined) Reflect.deleteProperty(at, last);
  else Reflect.set(at, last, value);
  return parsed(JSON.stringify(copy));
}

t.test('the account has its name where it is known', (t) => {
  const accountNames = new Map([['123456789012', HOSTILE_TEXT]]);

  const record = renderable(workedExample().text, { accountNames });

  t.match(eventOf(record).cloud, { account: { uid: '123456789012', name: HOSTILE_TEXT } });
  for (const maxBytes of LIMITS) t.same(faultsOf(record, maxBytes), []);
  t.end();
});

t.test('the validator accepts the worked example and rejects every broken copy of it', (t) => {
  const valid = eventOf(renderable(workedExample().text));
  const rows: readonly [path: string, value: unknown, problem: string][] = [
    ['class_uid', 1, 'class_uid: is none of its values'],
    ['class_uid', 6003, 'finding_info: is unknown'],
    ['activity_id', 7, 'activity_id: is none of its values'],
    ['type_uid', 200401, 'type_uid: is not class and activity'],
    ['category_uid', 6, 'category_uid: is none of its values'],
    ['time', undefined, 'time: is missing'],
    ['time', 'today', 'time: is no integer'],
    ['time', 1.5, 'time: is no integer'],
    ['message', 7, 'message: is no text'],
    ['message', null, 'message: is null'],
    ['severity', 'Low', 'severity: is not what the number means'],
    ['is_alert', 'true', 'is_alert: is no boolean'],
    ['guardrelay', true, 'guardrelay: is unknown'],
    ['ticket', { uid: 'x' }, 'ticket: is deprecated'],
    ['action_id', 1, 'action_id: needs one of the profiles security_control'],
    ['metadata.profiles', [], 'metadata.profiles: is empty'],
    ['metadata.profiles', ['cloud', 'trace'], 'metadata.profiles: trace is not for this class'],
    ['metadata.product', {}, 'metadata.product: is empty'],
    ['metadata.product', { lang: 'en' }, 'metadata.product: has none of name, uid'],
    ['metadata.labels', 'sample', 'metadata.labels: is no list'],
    ['metadata.labels.0', null, 'metadata.labels[0]: is null'],
    ['cloud.provider', undefined, 'cloud.provider: is missing'],
    ['cloud.account', '123456789012', 'cloud.account: is no object'],
    ['finding_info.uid', undefined, 'finding_info.uid: is missing'],
    ['finding_info.analytic.type_id', 12, 'finding_info.analytic.type_id: is none of its values'],
    ['evidences.0', { http_request: { user_agent: 'x' } }, 'evidences[0]: has none of actor'],
    ['evidences.0.src_endpoint.ip', '10.0.1', 'evidences[0].src_endpoint.ip: is no ip_t'],
    ['evidences.0.src_endpoint.ip', `fe80::1%${'x'.repeat(40)}`, 'evidences[0].src_endpoint.ip: is too long'],
    ['evidences.0.src_endpoint.port', 65_536, 'evidences[0].src_endpoint.port: is out of range'],
    ['evidences.0.src_endpoint.mac', '00:00', 'evidences[0].src_endpoint.mac: is no mac_t'],
    ['evidences.0.dst_endpoint.location.lat', '1', 'evidences[0].dst_endpoint.location.lat: is no number'],
    ['evidences.0.connection_info.direction', 'out', 'evidences[0].connection_info.direction: is not what'],
    ['vulnerabilities', [{ title: 'x' }], 'vulnerabilities[0]: has not one of advisory, cve, cwe'],
    ['unmapped', {}, 'unmapped: is empty'],
  ];

  t.same(ocsfProblems(valid), []);
  t.same(ocsfProblems('text'), ['is no object']);
  for (const [path, value, problem] of rows) {
    const problems = ocsfProblems(changed(valid, path, value));
    t.ok(
      problems.some((one) => one.startsWith(problem)),
      `${path}: ${JSON.stringify(value)} → ${problems.join('; ')}`,
    );
  }
  t.same(ocsfProblems({ ...valid, message: 'half \ud83e' }), ['message: is not well-formed']);
  t.end();
});

t.test('a finding says in OCSF what it says in GuardDuty', (t) => {
  const { text, detail } = workedExample();

  const event = eventOf(renderable(text));

  t.match(event, {
    class_uid: 2004,
    type_uid: 200402,
    severity_id: 4,
    severity: 'High',
    vendor_attributes: { severity: '8.7' },
    time: Date.parse('2026-07-22T18:47:17.000Z'),
    status: 'New',
    message: 'Command and control activity',
    cloud: { provider: 'AWS', account: { uid: '123456789012', type_id: 10 }, region: 'us-west-2' },
    metadata: {
      version: '1.8.0',
      uid: '406254a373bb9ac515af4c11a147a18421210f31c38649bfc020c2a31f17f3e7',
      product: {
        name: 'GuardDuty',
        vendor_name: 'Amazon',
        uid: 'arn:aws:securityhub:us-west-2::product/aws/guardduty',
      },
      event_code: 'Backdoor:EC2/C&CActivity.B!DNS',
      labels: ['sample'],
      profiles: ['cloud'],
      tenant_uid: 'acme',
    },
    finding_info: {
      uid: detail.arn,
      uid_alt: detail.id,
      desc: detail.description,
      analytic: {
        name: 'Backdoor:EC2/C&CActivity.B!DNS',
        uid: 'Backdoor:EC2/C&CActivity.B!DNS',
        type_id: 99,
        type: 'GuardDuty detection',
        category: 'Backdoor',
      },
    },
    resources: [
      {
        type: 'AWS::EC2::Instance',
        uid: 'arn:aws:ec2:us-west-2:123456789012:instance/i-0123456789abcdef0',
        data: { instanceType: 't3.micro' },
      },
    ],
    evidences: [
      {
        src_endpoint: { ip: '10.0.1.10', port: 49_152, instance_uid: 'i-0123456789abcdef0' },
        dst_endpoint: { ip: '203.0.113.10', port: 443, location: { country: 'United States' } },
        connection_info: { direction_id: 2, direction: 'Outbound', protocol_name: 'tcp' },
      },
    ],
    observables: [
      { name: 'cloud.account.uid', type_id: 35, value: '123456789012' },
      { name: 'resources[0].uid', type_id: 10 },
      { name: 'evidences[0].src_endpoint.ip', type_id: 2, value: '10.0.1.10' },
      { name: 'evidences[0].dst_endpoint.ip', type_id: 2, value: '203.0.113.10' },
    ],
    unmapped: { action_type: 'NETWORK_CONNECTION', resource_type: 'Instance' },
    raw_data_size: Buffer.byteLength(text),
    raw_data: text,
  });
  t.end();
});

t.test('what kind of finding it is decides which evidence there is', (t) => {
  const rows: readonly [kind: string, expected: object][] = [
    ['DNS', { evidences: [{ query: { hostname: /./ } }] }],
    ['IAMUser', { evidences: [{ api: { operation: /./, service: { name: /./ } }, actor: { user: {} } }] }],
    ['Kubernetes', { evidences: [{ api: { operation: 'verb 1', response: { code: 3 } } }] }],
    ['RDS', { evidences: [{ database: { type_id: 1 }, actor: { user: {} } }] }],
    [
      'Runtime',
      {
        metadata: { profiles: ['cloud', 'container', 'linux/linux_users'] },
        evidences: [{ process: { euid: 3, namespace_pid: 3, file: { hashes: [{ algorithm_id: 3 }] } } }],
      },
    ],
    ['snapshot malware', { malware: [{ classification_ids: [0] }], evidences: [{ file: { type_id: 1 } }] }],
  ];

  for (const [kind, expected] of rows) t.match(findingEvent(kind), expected, kind);
  t.end();
});

t.test('every port that was probed is an evidence', (t) => {
  const ports = [80, 443, 8080];
  const portProbeDetails = ports.map((port) => ({
    localPortDetails: { port },
    localIpDetails: { ipAddressV4: '10.0.1.10' },
    remoteIpDetails: { ipAddressV4: '203.0.113.10' },
  }));
  const action = { actionType: 'PORT_PROBE', portProbeAction: { blocked: true, portProbeDetails } };

  const event = findingEvent('port probe', { service: { action } });

  t.match(
    listOf(event.evidences),
    ports.map((port) => ({ src_endpoint: { ip: '203.0.113.10' }, dst_endpoint: { port } })),
  );
  t.match(event, { action: 'Denied', disposition: 'Blocked' });
  t.match(event.metadata, { profiles: ['cloud', 'security_control'] });
  t.end();
});

t.test('a sequence tells its signals, actors, ends, tactics and techniques', (t) => {
  const indicators = [
    { key: 'ATTACK_TACTIC', values: ['Defense Evasion', 'CredentialAccess'] },
    { key: 'ATTACK_TECHNIQUE', values: ['T1078.004 - Valid Accounts: Cloud Accounts', 'Data Destruction'] },
    { key: 'TOR_IP', values: ['203.0.113.9'] },
  ];
  const sequence = {
    uid: 'sequence-1',
    description: 'first\n  - second',
    signals: [{ uid: 'signal-1', type: 'FINDING', name: 'a', count: 2, firstSeenAt: 1_784_746_037 }],
    actors: [{ id: 'actor-1', user: { name: 'alice', uid: 'AIDA1', type: 'IAMUser' } }],
    endpoints: [
      { id: 'end-1', ip: '203.0.113.9', port: 0 },
      { id: 'end-2', ip: '203.0.113.8', port: 443, connection: { direction: 'OUTBOUND' } },
    ],
    sequenceIndicators: indicators,
  };
  const detail = { type: 'AttackSequence:IAM/CompromisedCredentials', description: 'first\n  - second' };
  const service = { detection: { sequence }, additionalInfo: {} };

  const event = findingEvent('EC2', { ...detail, service, resource: { resourceType: 'AttackSequence' } });

  t.match(event.finding_info, {
    desc: 'first\n  - second',
    related_events: [{ uid: 'signal-1', title: 'a', count: 2, first_seen_time: 1_784_746_037_000 }],
    attacks: [
      { tactic: { uid: 'TA0005', name: 'Defense Evasion' } },
      { tactic: { uid: 'TA0006', name: 'Credential Access' } },
      {
        technique: { uid: 'T1078', name: 'Valid Accounts' },
        sub_technique: { uid: 'T1078.004', name: 'Cloud Accounts' },
      },
      { technique: { name: 'Data Destruction' } },
    ],
  });
  t.strictSame(event.evidences, [
    { actor: { user: { name: 'alice', uid: 'AIDA1', type_id: 99, type: 'IAMUser' } } },
    { src_endpoint: { uid: 'end-1', ip: '203.0.113.9' } },
    { dst_endpoint: { uid: 'end-2', ip: '203.0.113.8', port: 443 } },
  ]);
  t.match(event.unmapped, { sequence_indicators: [{ key: 'TOR_IP' }] });
  t.end();
});

t.test('severity, archive, updates and the copy of an administrator show', (t) => {
  const { event, detail } = workedExample();
  const created = { createdAt: detail.updatedAt };
  const rows: readonly [fields: JsonObject, expected: object][] = [
    [{ severity: 9.8 }, { severity_id: 5, severity: 'Critical', vendor_attributes: { severity: '9.8' } }],
    [{ severity: 'high' }, { severity_id: 0, severity: 'Unknown' }],
    [{ severity: 0.9 }, { severity_id: 1, severity: 'Informational' }],
    [created, { activity_id: 1, type_name: 'Detection Finding: Create' }],
    [
      { ...created, service: { count: 2, archived: true } },
      { activity_id: 2, status_id: 5 },
    ],
    [{ type: 'Discovery:S3/AnomalousBehavior' }, { finding_info: { analytic: { type_id: 4 } } }],
    [{ type: 'Recon:EC2/x.Custom' }, { finding_info: { analytic: { type: 'Rule' } } }],
    [{ arn: null, id: null }, { finding_info: { uid: /^sha256:[0-9a-f]{64}$/ } }],
  ];

  for (const [fields, expected] of rows) {
    t.match(eventOf(renderable(enveloped({ ...detail, ...fields }))), expected, JSON.stringify(fields));
  }
  const copy = eventOf(renderable({ ...event, account: '999999999999' }));
  t.match(copy, {
    cloud: { account: { uid: '123456789012' } },
    unmapped: { admin_account_id: '999999999999' },
  });
  t.match(eventOf(renderable(event)), { metadata: { uid: parsed(JSON.stringify(copy.metadata)).uid } });
  const again = { ...renderable(event), replay: true, backfill: true } as const;
  t.match(eventOf(again), { metadata: { labels: ['sample', 'replay', 'backfill'] } });
  t.end();
});

t.test('what OCSF does not take stays out of the attribute, not out of the event', (t) => {
  const { detail } = workedExample();
  const remoteIpDetails = { ipAddressV6: `fe80::1%${'z'.repeat(40)}`, ipAddressV4: '' };
  const action = {
    actionType: 'NETWORK_CONNECTION',
    networkConnectionAction: { connectionDirection: 'INBOUND', remoteIpDetails },
  };
  const process = { pid: 1.5, uuid: 'process-1', euid: 0.5, namespacePid: 2.5, name: '' };
  const service = { count: 2.5, action, runtimeDetails: { process } };

  const event = eventOf(renderable(enveloped({ ...detail, confidence: 0.5, service })));

  t.same(ocsfProblems(event), []);
  t.strictSame([event.count, event.confidence_score], [undefined, undefined]);
  t.match(event, { activity_id: 2, metadata: { profiles: ['cloud'] }, raw_data: /fe80::1%zzz/ });
  t.strictSame(listOf(event.evidences)[0]?.process, { uid: 'process-1' });
  t.end();
});

t.test('a configuration change is an API Activity of whoever called', (t) => {
  const rows: readonly [name: string, expected: object][] = [
    [
      'a call',
      {
        class_uid: 6003,
        activity_name: 'Delete',
        type_uid: 600304,
        status: 'Success',
        severity: 'High',
        api: { operation: 'DeleteDetector', request: { uid: /0001$/, data: { detectorId: '12abc' } } },
        actor: {
          user: {
            uid: 'arn:aws:sts::111111111111:assumed-role/Admin/alice',
            uid_alt: 'AROAEXAMPLEEXAMPLE:alice',
            type: 'AssumedRole',
            account: { uid: '111111111111' },
            programmatic_credentials: [{ uid: 'ASIAEXAMPLEEXAMPLE' }],
          },
          session: { is_mfa: true, created_time: Date.parse('2026-07-22T18:00:00Z') },
        },
        src_endpoint: { ip: '198.51.100.7' },
        http_request: { user_agent: 'aws-cli/2.17' },
        metadata: { uid: /0002$/, event_code: 'AwsApiCall', product: { name: 'CloudTrail' } },
        cloud: { account: { uid: '111111111111' } },
      },
    ],
    [
      'a call that failed',
      { status: 'Failure', status_code: 'AccessDenied', api: { response: { error_message: 'no' } } },
    ],
    ['a call that hides findings', { severity: 'High', activity_id: 1 }],
    ['a call that reads', { severity: 'Informational', activity_id: 2 }],
    ['a call that nobody knows', { activity_id: 99, activity_name: 'RethinkDetector', type_uid: 600399 }],
    ['a call of nobody', { actor: { app_name: /./ } }],
    ['a call of a service', { src_endpoint: { domain: 'guardduty.amazonaws.com' } }],
    ['a call from inside AWS', { src_endpoint: { domain: 'AWS Internal' } }],
    ['a call over IPv6', { src_endpoint: { ip: '2001:db8::7' } }],
  ];

  for (const [name, expected] of rows) t.match(otherEvent(name), expected, name);
  t.end();
});

t.test('scan results and everything else have their classes', (t) => {
  const object = 'arn:aws:s3:::example-bucket/a/key';
  const rows: readonly [name: string, expected: object][] = [
    ['a clean object', { class_uid: 6007, activity_name: 'Completed', num_detections: 0, severity_id: 1 }],
    [
      'an infected object',
      {
        severity: 'High',
        num_detections: 1,
        malware: [{ name: 'EICAR-Test-File' }],
        metadata: { profiles: ['cloud', 'security_control'] },
        observables: [{ type_id: 35 }, { type_id: 10, value: object }],
        status_detail: 'THREATS_FOUND',
      },
    ],
    ['an object that could not be scanned', { activity_id: 6, status: 'Failure' }],
    ['a scan result without anything', { activity_id: 99, activity_name: 'Unknown' }],
    ['an unhealthy agent', { class_uid: 0, severity: 'Medium', unmapped: { detail: {} } }],
    ['a post-scan action that failed', { class_uid: 0, severity: 'Medium' }],
    ['a healthy agent', { class_uid: 0, severity: 'Informational', cloud: { account: {} } }],
    ['another object', { class_uid: 0, unmapped: { detail: { hello: 'world' } } }],
    ['text of several lines', { class_uid: 0, raw_data: 'first\r\nsecond\n\0third' }],
  ];

  for (const [name, expected] of rows) t.match(otherEvent(name), expected, name);
  const notice = eventOf(noticeRecord(NOTICE));
  t.match(notice, {
    severity: 'High',
    message: 'silent',
    metadata: { product: { name: 'guardrelay' }, event_code: 'source.silent', uid: 'notice-1' },
    unmapped: { notice: { code: 'SRC-001' } },
  });
  t.same(ocsfProblems(notice), []);
  t.same(ocsfProblems(eventOf(noticeRecord({ ...NOTICE, accounts: [], regions: [] }))), []);
  t.end();
});

t.test('what is too large loses its text first, then what nobody searches by', (t) => {
  const { event, detail } = workedExample();
  const tags = Array.from({ length: 1000 }, (_, at) => ({ key: `tag-${at}`, value: 'värde'.repeat(10) }));
  const resource = { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0123456789abcdef0', tags } };
  const large = { ...event, detail: { ...detail, resource, description: '長'.repeat(80_000) } };
  const rec = renderable(large);

  for (const maxBytes of [65_000, 8000, 2048]) {
    const rendered = ocsf.render(rec, maxBytes);

    t.same(faultsOf(rec, maxBytes), [], `in ${maxBytes}`);
    t.match(rendered, { truncated: true, fellBackToRaw: false });
    t.equal(rendered.dropped[0], 'raw_data');
    t.match(parsed(rendered.texts[0] ?? ''), {
      cloud: { account: { uid: '123456789012' }, region: 'us-west-2' },
      finding_info: { uid: detail.arn, uid_alt: detail.id, title: detail.title, types: [detail.type] },
      time: rec.time,
      start_time: Number,
      end_time: Number,
      severity: 'High',
      vendor_attributes: { severity: '8.7' },
      resources: [{ type: 'AWS::EC2::Instance', uid: /instance\/i-0123456789abcdef0$/ }],
      metadata: {
        uid: rec.key,
        is_truncated: true,
        untruncated_size: Number,
        product: { feature: { uid: /12abc34d567e8fa901bc2d34eexample$/ } },
      },
      unmapped: { guardrelay_dropped: ['raw_data'] },
      raw_data_size: Buffer.byteLength(rec.raw),
    });
  }
  t.end();
});

t.test('a list loses its end, and what people look for stands in observables once', (t) => {
  const portProbeDetails = Array.from({ length: 300 }, (_, at) => ({
    localPortDetails: { port: at + 1 },
    remoteIpDetails: { ipAddressV4: `203.0.113.${at % 9}` },
  }));
  const action = { actionType: 'PORT_PROBE', portProbeAction: { portProbeDetails } };
  const rec = renderable(enveloped({ ...workedExample().detail, service: { action } }));

  const [whole, most, one] = [ROOMY, 30_000, 2500].map((maxBytes) => eventOf(rec, maxBytes));

  const values = listOf(whole?.observables).map(({ value }) => value);
  t.equal(listOf(whole?.evidences).length, 300);
  t.strictSame(values, [...new Set(values)]);
  t.equal(values.filter((value) => String(value).startsWith('203.')).length, 9);
  t.ok(listOf(most?.evidences).length > 100);
  t.strictSame(one?.evidences, listOf(whole?.evidences).slice(0, 1));
  t.end();
});

t.test('the original text stays away where nobody wants it twice', (t) => {
  const { text } = workedExample();
  const { texts } = ocsf.render(renderable(text), ROOMY, { rawData: false });
  const unparsed = ocsf.render(renderable('no JSON'), ROOMY, { rawData: false });

  const event = parsed(texts[0] ?? '');

  t.same(ocsfProblems(event), []);
  t.strictSame({ ...event, raw_data: text }, eventOf(renderable(text)));
  t.match(parsed(unparsed.texts[0] ?? ''), { raw_data: 'no JSON' }, 'where it is all there is');
  t.end();
});

t.test('text that nobody can read stays as far as it fits', (t) => {
  const rec = renderable('日本"'.repeat(4000));

  const event = eventOf(rec, 2049);

  t.same(faultsOf(rec, 2049), []);
  t.match(event.raw_data, /^(日本"){100,}日?本?$/);
  t.match(event, { raw_data_size: 28_000, message: 'unparsed' });
  t.end();
});

t.test('an event that is nested too deep to be printed goes out as it came', (t) => {
  const text = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;

  t.match(ocsf.render(renderable(text), ROOMY), { texts: [text], fellBackToRaw: true });
  t.end();
});

t.test('hostile text is found again, and half characters are not passed on', (t) => {
  const { detail } = workedExample();
  const event = eventOf(
    renderable(enveloped({ ...detail, title: HOSTILE_TEXT, description: '\ud83e \\ud83e' })),
  );

  t.match(event, { message: HOSTILE_TEXT, finding_info: { title: HOSTILE_TEXT, desc: '\ufffd \\ud83e' } });
  t.same(ocsfProblems(event), []);
  t.end();
});
