import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { z } from 'zod';
import { FORMAT_NAMES } from '../../agent/model/format.ts';
import { isJsonObject, type JsonObject } from '../../agent/model/json.ts';
import { type CustomerNotes, isRenderable, type RenderableRec } from '../../agent/model/record.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import { noticeRecord } from '../../agent/normalize/notice.ts';
import { anyMessage, INPUTS } from '../support/any-message.ts';
import { generatedEvents } from '../support/finding-generator.ts';
import { enveloped, findingFixtures, NOTICE, recordsOf, workedExample } from '../support/log-events.ts';
import { parsed, renderable, textOf } from '../support/rendering.ts';

const SCHEMA = new URL('../../docs/formats/guardrelay.record.schema.json', import.meta.url);
const ROOMY = 1_000_000;
const ALL_FORMATS = FORMAT_NAMES.map(formatNamed);
const HOSTILE = '\r\n\0\u001b[31m"\\|=]\t\u2028😀<134>1 forged';

const raw = formatNamed('raw');
const json = formatNamed('json');
/** Those that put out the original text. */
const FORMATS = [raw, formatNamed('detail'), json, formatNamed('wazuh')];

const NOTICE_RECORD = noticeRecord({ ...NOTICE, details: { note: 'x'.repeat(3000) } });

t.test('raw is the text of the log event, byte for byte', (t) => {
  const text =
    '{"detail-type":"GuardDuty Finding","source":"aws.guardduty","a":1.639010703E9,"b":12345678901234567890,"b":2,"c":"\\u00e9é","detail":{}}';

  const rendered = raw.render(renderable(text), ROOMY);

  t.same(rendered, { texts: [text], truncated: false, dropped: [], fellBackToRaw: false });
  t.equal(textOf(raw, renderable(text), Buffer.byteLength(text)), text, 'also where it just fits');
  t.end();
});

t.test('json marks a replayed record, raw cannot', (t) => {
  const record = renderable(workedExample().text);
  const again = { ...record, replay: true } as const;

  t.equal(parsed(textOf(json, again)).replay, true);
  t.equal(
    textOf(json, again).replace('"replay":true,', ''),
    textOf(json, record),
    'and changes nothing else',
  );
  t.equal(parsed(textOf(json, again, 2048)).replay, true, 'also where the record is cut');
  t.equal(textOf(raw, again), textOf(raw, record));
  t.end();
});

t.test('raw has what parsers look for that match text', (t) => {
  const text = textOf(raw, renderable(workedExample().event));

  for (const part of [
    '"source":"aws.guardduty"',
    '"detail-type":"GuardDuty Finding"',
    '"severity":',
    '"title":',
  ]) {
    t.ok(text.includes(part), part);
  }
  t.end();
});

t.test('raw puts printed JSON and other text into one line', (t) => {
  const rows: readonly [text: string, line: string][] = [
    ['{\r\n  "a": "x\\ny"\n}', '{    "a": "x\\ny" }'],
    ['[1,\n2]', '[1, 2]'],
    ['first\r\nsecond\0', 'first\\r\\nsecond\\0'],
    ['lone \ud800 surrogate', 'lone \ufffd surrogate'],
  ];

  for (const [text, line] of rows) t.equal(textOf(raw, renderable(text)), line);
  const { text, event } = workedExample();
  t.same(parsed(textOf(raw, renderable(text))), event, 'of equal meaning');
  t.end();
});

t.test('json stands around the original text', (t) => {
  const { event } = workedExample();
  const text = JSON.stringify(event).replace('8.7,', '0.87E1,');

  const line = textOf(json, renderable(text));

  t.equal(
    line,
    '{"schema":"guardrelay.record/v1","@timestamp":"2026-07-22T18:47:17.000Z","customer":"acme",' +
      '"account":"123456789012","region":"us-west-2","kind":"finding","type":"Backdoor:EC2/C&CActivity.B!DNS",' +
      '"severity":8.7,"id":"00000000000000000000000000000000",' +
      '"key":"406254a373bb9ac515af4c11a147a18421210f31c38649bfc020c2a31f17f3e7",' +
      '"links":{"console":"https://us-west-2.console.aws.amazon.com/guardduty/home?region=us-west-2' +
      '#/findings?macros=current&fId=00000000000000000000000000000000",' +
      '"documentation":"https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html"},' +
      `"source":{"logGroup":"/aws/events/guardrelay","logStream":"stream-1","eventId":"${'3'.repeat(56)}",` +
      `"ingestionTime":1784746039000},"event":${text}}`,
  );
  t.same(parsed(line).event, event);
  t.end();
});

/** The worked example, read by an agent whose configuration says this of the customer. */
function recordOfCustomer(customer: CustomerNotes): RenderableRec {
  return renderable(workedExample().text, { customer });
}

t.test('json says what the configuration says of the customer', (t) => {
  const tags = { tier: 'gold', 'with "quotes"\n': '\u2028' };

  const named = parsed(textOf(json, recordOfCustomer({ name: 'Acme, Inc.', tags })));
  const plain = parsed(textOf(json, recordOfCustomer({ tags: {} })));
  const cut = parsed(textOf(json, recordOfCustomer({ tags: { long: 'x'.repeat(5000) } }), 2048));

  t.match(named, { customer: 'acme', customerName: 'Acme, Inc.', customerTags: tags });
  t.notOk('customerName' in plain || 'customerTags' in plain, 'nothing where it says nothing');
  t.notOk('customerTags' in cut || 'links' in cut, 'long ones never at the cost of the event');
  t.match(cut, { account: '123456789012', event: { detail: { title: 'Command and control activity' } } });
  t.equal(
    textOf(raw, recordOfCustomer({ tags })),
    textOf(raw, recordOfCustomer({ tags: {} })),
    'raw does not',
  );
  t.end();
});

t.test('json names the account and the tactics and techniques that a finding states', (t) => {
  const accountNames = new Map([['123456789012', 'payments-prod']]);
  const detail = { accountId: '123456789012', type: 'CredentialAccess:IAMUser/AnomalousBehavior' };
  const values = ['T1078.004 - Valid Accounts: Cloud Accounts', 'Data Destruction'];
  const indicators = [
    { key: 'ATTACK_TACTIC', values: ['Defense Evasion'] },
    { key: 'ATTACK_TECHNIQUE', values },
  ];
  const service = { detection: { sequence: { sequenceIndicators: indicators } } };
  const sequence = { accountId: '123456789012', type: 'AttackSequence:IAM/CompromisedCredentials', service };

  const named = parsed(textOf(json, renderable(enveloped(detail), { accountNames })));
  const stated = parsed(textOf(json, renderable(enveloped(sequence))));
  const plain = parsed(textOf(json, renderable(workedExample().text)));

  t.match(named, { account: '123456789012', accountName: 'payments-prod' });
  t.same(named.attacks, [{ tactic: { id: 'TA0006', name: 'Credential Access' } }]);
  t.same(stated.attacks, [
    { tactic: { id: 'TA0005', name: 'Defense Evasion' } },
    {
      technique: { id: 'T1078', name: 'Valid Accounts' },
      subTechnique: { id: 'T1078.004', name: 'Cloud Accounts' },
    },
    { technique: { name: 'Data Destruction' } },
  ]);
  t.notOk('attacks' in plain || 'accountName' in plain, 'nothing where nothing is known');
  t.end();
});

t.test('json links to the page of the user guide on findings of the family', (t) => {
  // By the list of pages in AWS's guide, and the types that each page says it describes.
  const rows: readonly (readonly [
    type: string | undefined,
    page: string | undefined,
    fields?: JsonObject,
  ])[] = [
    ['Recon:EC2/PortProbeUnprotectedPort', 'guardduty_finding-types-ec2'],
    ['PenTest:IAMUser/KaliLinux', 'guardduty_finding-types-iam'],
    ['Impact:S3/AnomalousBehavior.Write', 'guardduty_finding-types-s3'],
    ['Policy:Kubernetes/ExposedDashboard', 'guardduty-finding-types-eks-audit-logs'],
    ['Execution:Runtime/MaliciousFileExecuted', 'findings-runtime-monitoring'],
    ['Trojan:Lambda/DropPoint', 'lambda-protection-finding-types'],
    ['Discovery:RDS/TorIPCaller', 'findings-rds-protection'],
    ['Execution:EC2/MaliciousFile', 'findings-malware-protection'],
    ['Execution:Kubernetes/SuspiciousFile', 'findings-malware-protection'],
    ['Execution:EC2/MaliciousFile!Snapshot', 'findings-malware-protection-backup'],
    ['Execution:S3/MaliciousFile!RecoveryPoint', 'findings-malware-protection-backup'],
    ['Object:S3/MaliciousFile', 'gdu-malware-protection-s3-finding-types'],
    ['S3Object:S3/MaliciousFile', 'gdu-malware-protection-s3-finding-types'],
    ['AttackSequence:EKS/CompromisedCluster', 'guardduty-attack-sequence-finding-types'],
    ['A:EC2/B', 'findings-custom-detection-rules', { customDetectionRuleName: 'mine' }],
    ['A:constructor/B', undefined],
    ['no type at all', undefined],
    [undefined, undefined],
  ];

  for (const [type, page, fields] of rows) {
    const { links } = parsed(textOf(json, renderable(enveloped({ ...fields, type }))));

    const url = page && `https://docs.aws.amazon.com/guardduty/latest/ug/${page}.html`;
    t.same(links, url && { documentation: url }, String(type));
  }
  t.end();
});

t.test('json names what each kind of record is', (t) => {
  const call = { eventSource: 'guardduty.amazonaws.com', eventName: 'DeleteDetector', eventID: 'call-1' };
  const member = enveloped({ accountId: '210987654321' });
  const rows: readonly [rec: RenderableRec, expected: object][] = [
    [renderable(call), { kind: 'config-change', type: 'DeleteDetector', id: 'call-1', event: call }],
    [
      renderable(enveloped({}, { 'detail-type': 'GuardDuty Runtime Protection Healthy' })),
      { kind: 'guardduty-event', type: 'GuardDuty Runtime Protection Healthy' },
    ],
    [renderable({ x: 1 }), { kind: 'unknown', account: '999999999999', event: { x: 1 } }],
    [renderable(`no ${HOSTILE}`), { kind: 'unparsed', event: null, raw: `no ${HOSTILE}` }],
    [renderable(member), { account: '210987654321', adminAccount: '123456789012' }],
    [NOTICE_RECORD, { kind: 'notice', customer: 'acme', type: 'source.silent', notice: { code: 'SRC-001' } }],
  ];

  for (const [rec, expected] of rows) t.match(parsed(textOf(json, rec)), expected);
  t.equal(textOf(raw, NOTICE_RECORD), textOf(json, NOTICE_RECORD), 'a notice has no other text');
  t.end();
});

t.test('the account stands literally in every format of every fixture', (t) => {
  for (const { name, text } of findingFixtures()) {
    const rec = renderable(text);
    t.match(textOf(json, rec), `"account":"${rec.account}"`, name);
    if (rec.kind !== 'unparsed') t.match(textOf(raw, rec), rec.account, name);
  }
  t.end();
});

t.test('json follows its published schema, whatever the record is and however small it has to be', (t) => {
  const schema = z.fromJSONSchema(JSON.parse(readFileSync(SCHEMA, 'utf8')));
  const again = { ...renderable(workedExample().text), replay: true, backfill: true } as const;
  const member = renderable(enveloped({ accountId: '210987654321', description: 'x'.repeat(5000) }));
  const fixtures = findingFixtures().map(({ text }) => renderable(text));
  const others = ['[]', '{"a":1}', `{"a":"${'x'.repeat(5000)}"}`, `no ${HOSTILE.repeat(500)}`].map(
    (message) => renderable(message),
  );

  const noted = recordOfCustomer({ name: HOSTILE, tags: { [HOSTILE]: HOSTILE.repeat(500) } });
  const longNames = new Map([['123456789012', HOSTILE.repeat(500)]]);
  const long = renderable(workedExample().text, { accountNames: longNames });
  const attacked = generatedEvents()
    .flatMap(({ text }) => recordsOf(text))
    .filter((rec) => rec.kind === 'finding' && rec.finding.attacks.length > 1)
    .slice(0, 5)
    .filter(isRenderable);

  for (const rec of [...fixtures, ...others, ...attacked, again, member, noted, long, NOTICE_RECORD]) {
    for (const maxBytes of [ROOMY, 2048]) {
      const { error } = schema.safeParse(JSON.parse(textOf(json, rec, maxBytes)));
      t.same(error?.issues, undefined, `${rec.kind} in ${maxBytes}`);
    }
  }
  const right = parsed(textOf(json, member));
  for (const name of [
    'schema',
    '@timestamp',
    'customer',
    'account',
    'region',
    'kind',
    'key',
    'severity',
    'event',
    'customerName',
    'customerTags',
    'links',
    'accountName',
    'attacks',
  ]) {
    t.notOk(schema.safeParse({ ...right, [name]: true }).success, `it refuses another ${name}`);
  }
  t.end();
});

/** The finding, wherever the format puts it. */
function findingIn(text: string): unknown {
  const { event, aws, ...rest } = parsed(text);
  const around = event ?? aws ?? rest;
  return isJsonObject(around) ? (around.detail ?? around) : around;
}

t.test('a large finding loses its largest parts and keeps what people search by', (t) => {
  const { event, detail } = workedExample();
  const tags = Array.from({ length: 1000 }, (_, at) => ({ key: `tag-${at}`, value: 'värde'.repeat(10) }));
  const resource = { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0123456789abcdef0', tags } };
  const large = { ...event, detail: { ...detail, resource, description: '長'.repeat(80_000) } };
  const rec = renderable(large);

  for (const format of FORMATS) {
    for (const maxBytes of [65_000, 8000, 2048]) {
      const rendered = format.render(rec, maxBytes);
      const [text = ''] = rendered.texts;

      t.ok(Buffer.byteLength(text) <= maxBytes, `${format.name} in ${maxBytes}`);
      t.match(findingIn(text), {
        accountId: '123456789012',
        region: 'us-west-2',
        id: detail.id,
        arn: detail.arn,
        type: detail.type,
        severity: 8.7,
        title: detail.title,
        updatedAt: detail.updatedAt,
        resource: { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0123456789abcdef0' } },
        service: { detectorId: '12abc34d567e8fa901bc2d34eexample' },
      });
      t.match(rendered, { truncated: true, fellBackToRaw: false });
      t.ok(rendered.dropped.some((path) => path.endsWith('description')));
      t.match(parsed(text).guardrelay, { truncated: true, dropped: rendered.dropped });
    }
  }
  t.end();
});

t.test('shrinking leaves the text of what stays as it was', (t) => {
  const text = `{ "Arn": "arn:aws:guardduty:x:1:detector/a/finding/b", "Type": "x", "Severity": 8.70E0,
    "Service": { "Count": 12345678901234567890, "Action": "${'y'.repeat(3000)}" }, "Resource": [] }`;

  const { texts, dropped } = raw.render(renderable(text), 2048);

  t.equal(
    texts[0],
    '{"Arn":"arn:aws:guardduty:x:1:detector/a/finding/b","Type":"x","Severity":8.70E0,' +
      '"Service":{"Count":12345678901234567890},"Resource":[],' +
      '"guardrelay":{"truncated":true,"bytes":3168,"dropped":["Service.Action"]}}',
  );
  t.same(dropped, ['Service.Action']);
  t.end();
});

t.test('blanks between tokens go first, and that is no loss', (t) => {
  const { text, event } = workedExample();
  const spacious = text.replaceAll('\n', `\n${' '.repeat(100)}`);

  for (const format of FORMATS) {
    const rendered = format.render(renderable(spacious), 4000);

    t.match(rendered, { truncated: false, dropped: [] });
    t.ok(rendered.texts[0]?.includes(JSON.stringify(event.detail).slice(0, -1)), format.name);
  }
  t.end();
});

t.test('one byte below the limit nothing is touched, one above something is', (t) => {
  const rec = renderable(enveloped({ accountId: '123456789012', description: 'd'.repeat(3000) }));

  for (const format of FORMATS) {
    const bytes = Buffer.byteLength(textOf(format, rec));

    t.notOk(format.render(rec, bytes).truncated, format.name);
    t.ok(format.render(rec, bytes - 1).truncated, format.name);
  }
  t.end();
});

t.test('text that is no JSON is cut at the border of a character', (t) => {
  const rec = renderable('日本'.repeat(2000));

  const cut = raw.render(rec, 2049);
  const inJson = json.render(rec, 2049);

  t.match(cut, { truncated: true, dropped: ['raw'] });
  t.equal(cut.texts[0], `${'日本'.repeat(341)}日`);
  t.ok(Buffer.byteLength(inJson.texts[0] ?? '') <= 2049);
  t.match(parsed(inJson.texts[0] ?? ''), { account: '999999999999', event: null, raw: /^(日本)+日?$/ });
  t.end();
});

t.test('a record of which nothing fits goes out as its outline', (t) => {
  const long = '\u0001'.repeat(10_000);
  const names = [
    'accountId',
    'arn',
    'id',
    'type',
    'title',
    'createdAt',
    'updatedAt',
    'schemaVersion',
    'region',
  ];
  const rec = renderable(enveloped(Object.fromEntries(names.map((name) => [name, long])), { id: long }));

  for (const format of FORMATS) {
    const { texts, dropped } = format.render(rec, 2048);

    t.ok(Buffer.byteLength(texts[0] ?? '') <= 2048);
    t.match(parsed(texts[0] ?? ''), { account: '123456789012', kind: 'finding', event: null });
    t.same(dropped, ['event']);
  }
  t.end();
});

t.test('a notice shrinks like any other record', (t) => {
  const { texts, dropped } = json.render(NOTICE_RECORD, 2048);

  t.same(dropped, ['details']);
  t.match(parsed(texts[0] ?? ''), {
    account: '123456789012',
    notice: { code: 'SRC-001', type: 'source.silent' },
  });
  t.end();
});

t.test('hostile text forges no second line and is found again', (t) => {
  const rec = renderable(
    enveloped({ accountId: '123456789012', title: HOSTILE, type: HOSTILE, service: HOSTILE }),
  );

  for (const format of ALL_FORMATS) t.notMatch(textOf(format, rec), /[\r\n\0]/, format.name);
  for (const format of FORMATS) {
    const text = textOf(format, rec);

    t.match(JSON.stringify(parsed(text)), JSON.stringify(HOSTILE).slice(1, -1));
  }
  t.match(parsed(textOf(json, rec)), { type: HOSTILE });
  t.end();
});

t.test('a fault in a format costs the shape of the record, not the record', (t) => {
  const rec = { ...renderable('{"a":1}'), time: Number.NaN };

  const rendered = json.render(rec, ROOMY);

  t.same(rendered, { texts: ['{"a":1}'], truncated: false, dropped: [], fellBackToRaw: true });
  t.match(json.render(rec, 3), { texts: ['{"a'], truncated: true, fellBackToRaw: true });
  t.end();
});

function isMessage(text: string, maxBytes: number): boolean {
  return !/[\r\n\0]/.test(text) && text.isWellFormed() && Buffer.byteLength(text) <= maxBytes;
}

/** Lines within the limit, the same each time, in `json` with the account; the bytes as they came where `raw` can. */
function isSafe(format: typeof raw, rec: RenderableRec, maxBytes: number): boolean {
  const { texts, fellBackToRaw } = format.render(rec, maxBytes);
  const [text = ''] = texts;
  const isWhole = Buffer.byteLength(rec.raw) <= maxBytes && isMessage(rec.raw, maxBytes);
  const isRight =
    (format !== json || parsed(text).account === rec.account) &&
    (format !== raw || !isWhole || text === rec.raw);
  const isStable = isDeepStrictEqual(format.render(rec, maxBytes).texts, texts);
  const isRendered = texts.length > 0 && !fellBackToRaw && texts.every((one) => isMessage(one, maxBytes));
  return isRight && isStable && isRendered;
}

t.test('every generated shape, type and event comes out so in every format', (t) => {
  for (const { name, text } of generatedEvents()) {
    const rec = renderable(text);
    const faults = ALL_FORMATS.filter((format) =>
      [ROOMY, 8000, 2048].some((maxBytes) => !isSafe(format, rec, maxBytes)),
    );
    t.same(
      faults.map((format) => format.name),
      [],
      name,
    );
  }
  t.end();
});

t.test('any text and any JSON comes out as one line within the limit, the same each time', (t) => {
  fc.assert(
    fc.property(anyMessage(), fc.integer({ min: 2048, max: 6000 }), (text, maxBytes) => {
      const records = recordsOf(text).filter(isRenderable);
      return ALL_FORMATS.every((format) => records.every((rec) => isSafe(format, rec, maxBytes)));
    }),
    { numRuns: INPUTS },
  );
  t.end();
});
