import t from 'tap';

import type { JsonObject } from '../../agent/model/json.ts';
import { isRenderable, type RenderableRec } from '../../agent/model/record.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import { noticeRecord } from '../../agent/normalize/notice.ts';
import { adversarialEvents, HOSTILE_TEXT } from '../support/adversarial-events.ts';
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
import { ecsProblems } from '../support/ecs-validator.ts';
import { enveloped, findingFixtures, NOTICE, recordsOf, workedExample } from '../support/log-events.ts';
import { otherEvents } from '../support/other-events.ts';
import { parsed, renderable, textOf } from '../support/rendering.ts';

const ecs = formatNamed('ecs');

function documentOf(rec: RenderableRec, maxBytes = ROOMY): JsonObject {
  return parsed(textOf(ecs, rec, maxBytes));
}

function findingDocument(kindName: string, fields: JsonObject = {}): JsonObject {
  return documentOf(findingOfKind(kindName, fields));
}

function otherDocument(name: string): JsonObject {
  return documentOf(otherEventNamed(name));
}

const FORMAT: DocumentFormat = {
  format: ecs,
  original: 'event.original',
  problemsOf: ecsProblems,
  accountOf: ({ cloud }) => objectIn(objectIn(cloud).account).id,
  saysItWasCut: ({ guardrelay }) => guardrelay !== undefined,
};

function faultsOf(rec: RenderableRec, maxBytes: number): readonly string[] {
  return documentFaults(FORMAT, rec, maxBytes);
}

documentContract(t, FORMAT);

t.test('the validator accepts the worked example and rejects what is not ECS', (t) => {
  const valid = documentOf(renderable(workedExample().text));
  const rows: readonly [fields: JsonObject, problem: string][] = [
    [{ severity: 'high' }, 'severity: is unknown'],
    [{ event: { level: 1 } }, 'event.level: is unknown'],
    [{ event: {} }, 'event: is empty'],
    [{ event: { kind: 'alarm' } }, 'event.kind: is none of its values'],
    [{ event: { category: 'malware' } }, 'event.category: is no list with entries'],
    [{ event: { category: ['finding'] } }, 'event.category: is none of its values'],
    [{ event: { severity: 8.7 } }, 'event.severity: is no long'],
    [{ event: { created: 1_784_746_037_000 } }, 'event.created: is no date'],
    [{ event: { reason: 'half \ud83e' } }, 'event.reason: is no keyword'],
    [{ event: { id: null } }, 'event.id: is no keyword'],
    [{ source: { ip: '10.0.1' } }, 'source.ip: is no ip'],
    [{ source: { geo: { location: { lat: 91, lon: 0 } } } }, 'source.geo.location: is no geo_point'],
    [{ host: { ip: '10.0.1.1' } }, 'host.ip: is no list with entries'],
    [{ related: { ip: [] } }, 'related.ip: is no list with entries'],
    [{ threat: { tactic: { id: 'TA0001' } } }, 'threat.tactic.id: is no list with entries'],
    [
      { aws: { guardduty: { service: { archived: 'no' } } } },
      'aws.guardduty.service.archived: is no boolean',
    ],
    [{ labels: { tier: { a: 'x' } } }, 'labels.tier: is no keyword'],
    [{ labels: { 'a.b': 'x' } }, 'labels.a.b: is unknown'],
    [{ labels: { ' ': 'x' } }, 'labels. : is unknown'],
  ];

  t.same(ecsProblems(valid), []);
  t.same(ecsProblems('text'), ['is no object']);
  t.same(ecsProblems({}), ['@timestamp: is missing', 'ecs: is missing', 'event: is missing']);
  for (const [fields, problem] of rows) t.same(ecsProblems({ ...valid, ...fields }), [problem]);
  t.end();
});

t.test('a finding says in ECS what it says in GuardDuty', (t) => {
  const { text, detail } = workedExample();

  const document = documentOf(renderable(text));

  t.match(document, {
    '@timestamp': '2026-07-22T18:47:17.000Z',
    ecs: { version: '9.5.0' },
    labels: { guardrelay_key: '406254a373bb9ac515af4c11a147a18421210f31c38649bfc020c2a31f17f3e7' },
    tags: ['guardduty', 'sample'],
    organization: { id: 'acme' },
    message: 'An EC2 instance is communicating with a known command and control server.',
    event: {
      kind: 'alert',
      category: ['intrusion_detection', 'network', 'malware'],
      type: ['info'],
      module: 'aws',
      dataset: 'aws.guardduty',
      provider: 'guardduty',
      id: detail.id,
      code: detail.type,
      action: 'NETWORK_CONNECTION',
      severity: 8,
      risk_score: 8.7,
      reason: 'Command and control activity',
      created: '2026-07-22T18:42:17.000Z',
      start: '2026-07-22T18:41:17.000Z',
      end: '2026-07-22T18:42:17.000Z',
      url: /^https:\/\/us-west-2\.console\.aws\.amazon\.com\/guardduty\/home\?/,
      original: text,
    },
    cloud: {
      provider: 'aws',
      account: { id: '123456789012' },
      region: 'us-west-2',
      service: { name: 'guardduty' },
      instance: { id: 'i-0123456789abcdef0' },
      machine: { type: 't3.micro' },
    },
    observer: { vendor: 'AWS', product: 'GuardDuty', type: 'ids' },
    rule: {
      name: detail.type,
      category: 'Backdoor',
      ruleset: 'Backdoor:EC2',
      reference: 'https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html',
    },
    source: { address: '10.0.1.10', ip: '10.0.1.10', port: 49_152 },
    destination: { ip: '203.0.113.10', port: 443, geo: { country_name: 'United States' } },
    network: { direction: 'outbound', transport: 'tcp' },
    host: { id: 'i-0123456789abcdef0', ip: ['10.0.1.10'] },
    related: { ip: ['203.0.113.10', '10.0.1.10'] },
    aws: {
      guardduty: {
        arn: detail.arn,
        type: detail.type,
        severity: { code: 8.7, value: 'High' },
        resource: { type: 'Instance', uid: [/instance\/i-0123456789abcdef0$/] },
        service: {
          detector_id: '12abc34d567e8fa901bc2d34eexample',
          archived: false,
          additional_info: '{"sample":true}',
        },
      },
    },
  });
  t.notOk('threat' in document, 'a purpose that is no tactic of ATT&CK');
  t.end();
});

t.test('the names of customer and account and the tags stand in fields of their own', (t) => {
  const { text } = workedExample();
  const tags = { tier: 'gold', 'cost.center.': 'a.b', ' ': 'blank', guardrelay_key: 'x', __proto__x: '1' };
  const customer = { name: 'Acme, Inc.', tags: { ...tags, [HOSTILE_TEXT]: HOSTILE_TEXT } };
  const accountNames = new Map([['123456789012', 'payments-prod']]);

  const record = renderable(text, { customer, accountNames });
  const document = documentOf(record);
  const cut = documentOf(renderable(text, { customer: { tags: { long: 'x'.repeat(5000) } } }), 2048);

  for (const maxBytes of LIMITS) t.same(faultsOf(record, maxBytes), []);
  t.match(document, {
    organization: { id: 'acme', name: 'Acme, Inc.' },
    labels: { tier: 'gold', cost_center_: 'a.b', guardrelay_key: /^406254a3/ },
    cloud: { account: { id: '123456789012', name: 'payments-prod' } },
  });
  t.match(
    cut,
    { labels: { guardrelay_key: /^406254a3/ }, event: { id: /^0+$/ } },
    'never at the cost of the key',
  );
  t.match(documentOf(noticeRecord({ ...NOTICE, customer: { id: 'acme', name: 'Acme, Inc.' } })), {
    organization: { id: 'acme', name: 'Acme, Inc.' },
  });
  t.end();
});

t.test('however much is known of the customer, a document keeps its limit and what people search by', (t) => {
  const crowd = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`tag.${at}`, HOSTILE_TEXT]));
  const customer = { name: HOSTILE_TEXT.repeat(100), tags: crowd };

  for (const { name, text } of [...findingFixtures(), ...otherEvents()]) {
    for (const { account } of recordsOf(text)) {
      const accountNames = new Map([[account, HOSTILE_TEXT.repeat(100)]]);
      const records = recordsOf(text, { customer, accountNames }).filter(isRenderable);
      const faults = records.flatMap((rec) => [ROOMY, 2048].flatMap((maxBytes) => faultsOf(rec, maxBytes)));
      t.same(faults, [], name);
    }
  }
  t.end();
});

t.test('what kind of finding it is decides its categories and fields', (t) => {
  const rows: readonly [kind: string, expected: object][] = [
    [
      'DNS',
      { event: { category: /network/ }, dns: { question: { name: /./ } }, network: { protocol: 'dns' } },
    ],
    ['IAMUser', { event: { category: ['intrusion_detection', 'api'] }, user: { name: /./, id: /./ } }],
    ['Kubernetes', { orchestrator: { type: 'kubernetes' }, user: { roles: [/./] }, related: { ip: [/./] } }],
    [
      'RDS',
      {
        event: { category: ['intrusion_detection', 'authentication', 'database'] },
        related: { user: [/./] },
      },
    ],
    ['Runtime', { process: { pid: Number, hash: { sha256: /^[0-9a-f]{64}$/ }, user: { name: /./ } } }],
    ['Lambda', { faas: { id: /^arn:/, name: /./ } }],
    ['snapshot malware', { event: { category: /malware/ }, file: { name: /./ }, related: { hash: [/./] } }],
  ];

  for (const [kind, expected] of rows) t.match(findingDocument(kind), expected, kind);
  t.end();
});

t.test('the one that began is the source, and every address is related', (t) => {
  const portProbeDetails = [80, 443].map((port) => ({
    localPortDetails: { port },
    localIpDetails: { ipAddressV4: '10.0.1.10' },
    remoteIpDetails: {
      ipAddressV4: `203.0.113.${port % 256}`,
      geoLocation: { lat: 52.5, lon: 13.4 },
      country: { countryName: 'Germany' },
      city: { cityName: 'Berlin' },
      organization: { asn: '64500', asnOrg: 'Example' },
    },
  }));
  const action = { actionType: 'PORT_PROBE', portProbeAction: { blocked: true, portProbeDetails } };

  const document = findingDocument('port probe', { service: { action } });

  t.match(document, {
    event: { type: ['info', 'denied'] },
    source: {
      ip: '203.0.113.80',
      geo: { country_name: 'Germany', city_name: 'Berlin', location: { lat: 52.5, lon: 13.4 } },
      as: { number: 64_500, organization: { name: 'Example' } },
    },
    destination: { ip: '10.0.1.10', port: 80 },
  });
  t.match(document.related, { ip: ['203.0.113.80', '10.0.1.10', '203.0.113.187'] });
  t.end();
});

t.test('an address of version 6 alone stands where one of version 4 would', (t) => {
  const v6 = adversarialEvents().filter(({ name }) => name.includes('IPv6'));

  t.ok(v6.length > 0);
  for (const { name, text } of v6) {
    t.match(documentOf(renderable(text)), { source: { ip: /:/ }, related: { ip: [/:/] } }, name);
  }
  t.end();
});

t.test('a sequence tells its tactics, techniques, actors and ends', (t) => {
  const sequence = {
    uid: 'sequence-1',
    signals: [{ uid: 'signal-1' }],
    actors: [{ id: 'actor-1', user: { name: 'alice', uid: 'AIDA1', type: 'IAMUser' } }],
    endpoints: [{ id: 'end-1', ip: '203.0.113.9', domain: 'c2.example.com', port: 0 }],
    sequenceIndicators: [
      { key: 'ATTACK_TACTIC', values: ['Defense Evasion', 'CredentialAccess'] },
      { key: 'ATTACK_TECHNIQUE', values: ['T1078.004 - Valid Accounts: Cloud Accounts', 'Data Destruction'] },
    ],
  };
  const detail = { type: 'AttackSequence:IAM/CompromisedCredentials', description: 'first\n  - second' };
  const service = { detection: { sequence }, additionalInfo: {} };

  const document = findingDocument('EC2', {
    ...detail,
    service,
    resource: { resourceType: 'AttackSequence' },
  });

  t.match(document, {
    message: 'first\n  - second',
    threat: {
      framework: 'MITRE ATT&CK',
      tactic: { id: ['TA0005', 'TA0006'], name: ['Defense Evasion', 'Credential Access'] },
      technique: {
        id: ['T1078'],
        name: ['Valid Accounts', 'Data Destruction'],
        subtechnique: { id: ['T1078.004'], name: ['Cloud Accounts'] },
      },
    },
    related: { ip: ['203.0.113.9'], hosts: ['c2.example.com'], user: ['alice'] },
  });
  t.end();
});

t.test('severity, archive, intelligence and the copy of an administrator show', (t) => {
  const { event, detail } = workedExample();
  const evidence = {
    threatIntelligenceDetails: [{ threatListName: 'ProofPoint', threatNames: ['Trojan.Emotet'] }],
  };
  const rows: readonly [fields: JsonObject, expected: object][] = [
    [
      { severity: '9.8' },
      { event: { severity: 9, risk_score: 9.8 }, aws: { guardduty: { severity: { value: 'Critical' } } } },
    ],
    [{ severity: 1e300 }, { aws: { guardduty: { severity: { value: 'Critical' } } } }],
    [{ severity: 'high' }, { aws: { guardduty: { severity: { value: 'Unknown' } } } }],
    [
      { service: { count: '2', archived: true, evidence } },
      {
        aws: {
          guardduty: {
            service: {
              count: 2,
              archived: true,
              evidence: { threat_list_names: ['ProofPoint'], threat_names: ['Trojan.Emotet'] },
            },
          },
        },
      },
    ],
    [{ type: 'Impact:EC2/Custom' }, { threat: { tactic: { id: ['TA0040'] } }, rule: { category: 'Impact' } }],
  ];

  for (const [fields, expected] of rows) {
    t.match(documentOf(renderable(enveloped({ ...detail, ...fields }))), expected, JSON.stringify(fields));
  }
  const copy = documentOf(renderable({ ...event, account: '999999999999' }));
  t.match(copy, {
    cloud: { account: { id: '123456789012' } },
    labels: documentOf(renderable(event)).labels,
    aws: { guardduty: { admin_account_id: '999999999999' } },
  });
  const again = { ...renderable(event), replay: true, backfill: true } as const;
  t.match(documentOf(again), { tags: ['guardduty', 'sample', 'replay', 'backfill'] });
  t.end();
});

t.test('a configuration change says who did what from where', (t) => {
  const rows: readonly [name: string, expected: object][] = [
    [
      'a call',
      {
        tags: ['guardduty', 'high-risk'],
        event: {
          kind: 'event',
          category: ['configuration'],
          type: ['deletion'],
          provider: 'guardduty.amazonaws.com',
          id: /0002$/,
          action: 'DeleteDetector',
          outcome: 'success',
          severity: 8,
        },
        user: { id: 'arn:aws:sts::111111111111:assumed-role/Admin/alice' },
        source: { address: '198.51.100.7', ip: '198.51.100.7' },
        user_agent: { original: 'aws-cli/2.17' },
        cloud: { account: { id: '111111111111' } },
        related: { ip: ['198.51.100.7'] },
      },
    ],
    ['a call that failed', { event: { outcome: 'failure' }, error: { code: 'AccessDenied', message: 'no' } }],
    ['a call that hides findings', { event: { type: ['creation'], severity: 8 } }],
    ['a call that reads', { event: { type: ['access'], severity: 3 }, tags: ['guardduty'] }],
    ['a call that nobody knows', { event: { type: ['info'], action: 'RethinkDetector' } }],
    ['a call of a service', { source: { address: 'guardduty.amazonaws.com' } }],
    ['a call from inside AWS', { source: { address: 'AWS Internal' } }],
    ['a call over IPv6', { source: { ip: '2001:db8::7' } }],
  ];

  for (const [name, expected] of rows) t.match(otherDocument(name), expected, name);
  t.notOk('user' in otherDocument('a call of nobody'));
  t.end();
});

t.test('scan results, other events, text and notices are events', (t) => {
  const rows: readonly [name: string, expected: object][] = [
    [
      'an infected object',
      {
        message: 'GuardDuty Malware Protection Object Scan Result: a/key: THREATS_FOUND',
        event: { category: ['malware'], action: 'THREATS_FOUND', outcome: 'success', severity: 7 },
        file: { path: 'a/key' },
      },
    ],
    ['a clean object', { event: { kind: 'event', outcome: 'success', severity: 3 } }],
    ['an object that could not be scanned', { event: { outcome: 'failure' } }],
    ['an unhealthy agent', { event: { code: 'GuardDuty Runtime Protection Unhealthy', severity: 5 } }],
    ['another object', { message: '{"hello":"world"}', event: { kind: 'event' } }],
    ['text of several lines', { message: 'first\r\nsecond\n\0third' }],
  ];

  for (const [name, expected] of rows) t.match(otherDocument(name), expected, name);
  const notice = documentOf(noticeRecord({ ...NOTICE, likely: 'a reason', command: 'a command' }));
  t.same(ecsProblems(notice), []);
  t.match(notice, {
    message: 'silent. a reason. a command',
    event: { module: 'guardrelay', dataset: 'guardrelay.notice', code: 'source.silent', severity: 8 },
    error: { code: 'SRC-001' },
    organization: { id: 'acme' },
    cloud: { account: { id: '123456789012' } },
  });
  t.same(ecsProblems(documentOf(noticeRecord({ ...NOTICE, accounts: [], regions: [] }))), []);
  t.end();
});

t.test('what is too large loses its original text first, then what nobody searches by', (t) => {
  const { event, detail } = workedExample();
  const additionalInfo = { lists: Array.from({ length: 1000 }, (_, at) => `värde ${at}`) };
  const service = { ...objectIn(detail.service), additionalInfo };
  const large = { ...event, detail: { ...detail, service, description: '長'.repeat(80_000) } };
  const rec = renderable(large);

  for (const maxBytes of [65_000, 8000, 2048]) {
    const rendered = ecs.render(rec, maxBytes);

    t.same(faultsOf(rec, maxBytes), [], `in ${maxBytes}`);
    t.match(rendered, { truncated: true, fellBackToRaw: false, dropped: ['event.original', 'message'] });
    t.match(parsed(rendered.texts[0] ?? ''), {
      '@timestamp': '2026-07-22T18:47:17.000Z',
      message: /^長{60,}$/,
      event: {
        id: detail.id,
        code: detail.type,
        reason: detail.title,
        severity: 8,
        risk_score: 8.7,
        created: /^2026/,
        start: /^2026/,
        end: /^2026/,
      },
      cloud: { account: { id: '123456789012' }, region: 'us-west-2' },
      labels: { guardrelay_key: rec.key },
      aws: {
        guardduty: {
          arn: detail.arn,
          severity: { code: 8.7, value: 'High' },
          resource: { type: 'Instance', uid: [/instance\/i-0123456789abcdef0$/] },
          service: { detector_id: '12abc34d567e8fa901bc2d34eexample', archived: false },
        },
      },
      guardrelay: { truncated: true, bytes: Number, dropped: ['event.original', 'message'] },
    });
  }
  t.end();
});

t.test('at every limit it keeps within it and says so', (t) => {
  const rec = renderable(workedExample().text);
  const bytes = Buffer.byteLength(textOf(ecs, rec));

  for (let maxBytes = 2048; maxBytes <= bytes; maxBytes += 1) {
    const faults = faultsOf(rec, maxBytes);

    if (faults.length > 0) t.same(faults, [], `in ${maxBytes}`);
  }
  t.end();
});

t.test('the original text stays away where nobody wants it twice', (t) => {
  const { text } = workedExample();
  const { texts } = ecs.render(renderable(text), ROOMY, { rawData: false });
  const unparsed = ecs.render(renderable('no JSON'), ROOMY, { rawData: false });

  const document = parsed(texts[0] ?? '');

  t.same(ecsProblems(document), []);
  t.strictSame(
    { ...document, event: { ...objectIn(document.event), original: text } },
    documentOf(renderable(text)),
  );
  t.match(parsed(unparsed.texts[0] ?? ''), { message: 'no JSON' }, 'where it is all there is');
  t.end();
});

t.test('text that nobody can read stays as far as it fits', (t) => {
  const rec = renderable('日本"'.repeat(4000));

  const document = documentOf(rec, 2049);

  t.same(faultsOf(rec, 2049), []);
  t.match(document.message, /^(日本"){100,}日?本?$/);
  t.match(document.guardrelay, { truncated: true, dropped: ['message'] });
  t.end();
});

t.test('without room for a document it is the smallest record that says what it was', (t) => {
  const { detail } = workedExample();
  const rec = renderable(enveloped({ ...detail, title: 'x'.repeat(10_000) }));

  t.match(parsed(textOf(ecs, rec, 600)), { schema: 'guardrelay.record/v1', event: null });
  t.end();
});

t.test('hostile text is found again, and half characters are not passed on', (t) => {
  const { detail } = workedExample();
  const document = documentOf(
    renderable(enveloped({ ...detail, title: HOSTILE_TEXT, description: '\ud83e \\ud83e' })),
  );

  t.match(document, { message: '\ufffd \\ud83e', event: { reason: HOSTILE_TEXT } });
  t.same(ecsProblems(document), []);
  t.end();
});
