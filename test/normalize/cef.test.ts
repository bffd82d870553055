import fc from 'fast-check';
import t from 'tap';

import type { RenderableRec } from '../../agent/model/record.ts';
import { isRenderable } from '../../agent/model/record.ts';
import { CEF_KEYS, type CefKey } from '../../agent/normalize/formats/cef/keys.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import { noticeRecord } from '../../agent/normalize/notice.ts';
import { HOSTILE_TEXT } from '../support/adversarial-events.ts';
import { anyMessage, INPUTS } from '../support/any-message.ts';
import { type ParsedCef, parseCef } from '../support/cef-parser.ts';
import { generatedEvents } from '../support/finding-generator.ts';
import { enveloped, findingFixtures, NOTICE, recordsOf, workedExample } from '../support/log-events.ts';
import { cloudTrailCall } from '../support/other-events.ts';
import { renderable, textOf } from '../support/rendering.ts';

const cef = formatNamed('cef');
const KEYS = Object.keys(CEF_KEYS);
const NUMBERS = ['rt', 'start', 'end', 'cnt', 'spt', 'dpt', 'deviceDirection', 'spid', 'cn1', 'cn2'];
/** For the consumer's side of the standard: a producer must not set them. */
const CONSUMER_KEYS = [
  'art',
  'agt',
  'ahost',
  'slat',
  'slong',
  'dlat',
  'dlong',
  'eventId',
  'rawEvent',
  'type',
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
const CONTROLS = /[\0-\x1f\x7f-\x9f]/;

function records(): readonly (readonly [name: string, rec: RenderableRec])[] {
  const events = [...generatedEvents(), ...findingFixtures()];
  return events.flatMap(({ name, text }) =>
    recordsOf(text)
      .filter(isRenderable)
      .map((rec) => [name, rec] as const),
  );
}

/** What the standard allows: known keys in their order, each within its limit, labels beside custom keys. */
function faultsOf({ version, header, extension }: ParsedCef): readonly string[] {
  const keys = [...extension.keys()].filter((key) => !key.endsWith('Label'));
  const positions = keys.map((key) => KEYS.indexOf(key));
  const [, , , classId = '', name = '', severity = ''] = header;
  return [
    ...(version === '0' ? [] : ['version']),
    ...(classId !== '' && classId.length <= 1023 && name !== '' && name.length <= 512 ? [] : ['header']),
    ...(/^(10|[0-9]|Unknown)$/.test(severity) ? [] : [`severity ${severity}`]),
    ...(positions.includes(-1) || positions.some((at, index) => at < (positions[index - 1] ?? 0))
      ? ['order']
      : []),
    ...keys.filter((key) => CONSUMER_KEYS.includes(key)),
    ...keys.filter((key) => NUMBERS.includes(key) && !/^-?\d+$/.test(extension.get(key) ?? '')),
    ...keys.filter((key) => isKey(key) && (extension.get(key)?.length ?? 0) > CEF_KEYS[key].characters),
    ...keys.filter((key) => isKey(key) && 'label' in CEF_KEYS[key] !== extension.has(`${key}Label`)),
  ];
}

function isKey(key: string): key is CefKey {
  return Object.hasOwn(CEF_KEYS, key);
}

t.test('the worked example, key by key', (t) => {
  const { header, extension } = parseCef(textOf(cef, renderable(workedExample().text)));

  t.same(header, [
    'Amazon',
    'GuardDuty',
    '2.0',
    'Backdoor:EC2/C&CActivity.B!DNS',
    'Command and control activity',
    '8',
  ]);
  t.match(Object.fromEntries(extension), {
    rt: '1784746037000',
    deviceExternalId: '123456789012',
    dvchost: 'guardduty.us-west-2.amazonaws.com',
    cat: 'Backdoor',
    src: '10.0.1.10',
    spt: '49152',
    dst: '203.0.113.10',
    dpt: '443',
    deviceDirection: '1',
    shost: 'i-0123456789abcdef0',
    request: /^https:\/\/us-west-2\.console\.aws\.amazon\.com\/.*region=us-west-2.*fId=0{32}$/,
    cs1Label: 'AWSAccountId',
    cs1: '123456789012',
    cfp1Label: 'GuardDutySeverity',
    cfp1: '8.7',
    flexString2: 'true',
  });
  t.end();
});

t.test('every shape of event is one line by the standard, with its account, and read back the same', (t) => {
  for (const [name, rec] of records()) {
    const { texts, fellBackToRaw } = cef.render(rec, 1_000_000);
    const [line = ''] = texts;
    const parsed = parseCef(line);
    const { extension } = parsed;

    t.same(faultsOf(parsed), [], name);
    t.notOk(fellBackToRaw || texts.length !== 1 || CONTROLS.test(line) || !line.isWellFormed(), name);
    t.equal(extension.get('rt'), String(rec.time), name);
    for (const key of ['cs1', 'deviceExternalId'])
      t.equal(extension.get(key), rec.account.trim() || undefined, name);
    t.equal(cef.render(rec, 1_000_000).texts[0], line, 'always the same');
  }
  t.end();
});

t.test('values come back as they were, whatever stands in them', (t) => {
  const { detail } = workedExample();
  const title = 'a|b=c\\d "e" ] \u202eright to left';
  const description = 'first line\r\n  - second = line \\ end\\';
  const { header, extension } = parseCef(
    textOf(cef, renderable(enveloped({ ...detail, title, description }))),
  );

  t.equal(header[4], title);
  t.equal(extension.get('msg'), description);
  t.end();
});

t.test('hostile text everywhere forges neither a key nor a message', (t) => {
  const { detail } = workedExample();
  const hostile = `${HOSTILE_TEXT} cs1=999999999999 |act=allowed\ncs1=999999999999\0\u001b[2J`;
  const fields = { title: hostile, description: hostile, type: hostile, id: hostile, region: hostile };
  const line = textOf(cef, renderable(enveloped({ ...detail, ...fields })));

  const parsed = parseCef(line);
  t.same(faultsOf(parsed), []);
  t.equal(parsed.extension.get('cs1'), '123456789012');
  t.notOk(CONTROLS.test(line));
  t.end();
});

t.test('addresses of version 6 stand in keys of their own', (t) => {
  const { detail } = workedExample();
  const remoteIpDetails = { ipAddressV6: '2001:db8::7' };
  const action = { actionType: 'AWS_API_CALL', awsApiCallAction: { api: 'ListUsers', remoteIpDetails } };
  const { extension } = parseCef(textOf(cef, renderable(enveloped({ ...detail, service: { action } }))));

  t.equal(extension.get('c6a2'), '2001:db8::7');
  t.equal(extension.get('c6a2Label'), 'Source IPv6 Address');
  t.notOk(extension.has('src'));
  t.equal(extension.get('requestMethod'), 'ListUsers');
  t.end();
});

t.test('a change of the configuration says who did what, and how grave it is', (t) => {
  const call = cloudTrailCall('DeleteDetector', { sourceIPAddress: '198.51.100.7' });
  const failed = cloudTrailCall('DeleteDetector', { errorCode: 'AccessDenied' });

  const done = parseCef(textOf(cef, renderable(call)));
  const denied = parseCef(textOf(cef, renderable(failed)));

  t.match(done.header, { 3: 'GuardDuty:DeleteDetector', 5: '8' });
  t.match(Object.fromEntries(done.extension), {
    act: 'delete',
    outcome: 'success',
    src: '198.51.100.7',
    requestMethod: 'DeleteDetector',
    destinationServiceName: 'guardduty.amazonaws.com',
  });
  t.match(Object.fromEntries(denied.extension), { outcome: 'failure', reason: 'AccessDenied' });
  t.end();
});

t.test('a notice speaks for guardrelay', (t) => {
  const { header, extension } = parseCef(textOf(cef, noticeRecord(NOTICE)));

  t.match(header, { 0: 'guardrelay', 1: 'guardrelay', 3: 'source.silent', 4: 'silent', 5: '8' });
  t.equal(extension.get('reason'), 'SRC-001');
  t.end();
});

t.test('what nobody knows is told as far as there is room, and says when it was longer', (t) => {
  const text = `no JSON = at | all ${'x'.repeat(5_000)}`;
  const { texts, truncated, dropped } = cef.render(renderable(text), 1_000_000);
  const { extension } = parseCef(texts[0] ?? '');

  t.equal(extension.get('msg'), text.slice(0, 1023));
  t.equal(extension.get('cn2'), String(text.length));
  t.same({ truncated, dropped }, { truncated: true, dropped: ['msg'] });
  t.end();
});

t.test('within any limit it keeps what people search by', (t) => {
  const long = { description: '長い'.repeat(60_000), title: 't'.repeat(9_000) };
  const rec = renderable(enveloped({ ...workedExample().detail, ...long }));
  const whole = textOf(cef, rec);

  for (const maxBytes of [65_000, 8_000, 2_048, Buffer.byteLength(whole)]) {
    const { texts, truncated } = cef.render(rec, maxBytes);
    const { extension } = parseCef(texts[0] ?? '');
    t.ok(Buffer.byteLength(texts[0] ?? '') <= maxBytes, `${maxBytes}`);
    t.equal(truncated, texts[0] !== whole);
    t.equal(extension.has('cn2'), truncated);
    for (const key of ['rt', 'externalId', 'cs1', 'cs2', 'cs3', 'cs4', 'cs5', 'cs6', 'cfp1'])
      t.ok(extension.has(key), key);
  }
  t.end();
});

t.test('whatever is cut, the keys keep their order, and the size of the whole stands once', (t) => {
  const finding = enveloped({ ...workedExample().detail, description: '長い🦆'.repeat(9_000) });
  for (const message of [
    finding,
    '🦆'.repeat(9_000),
    { source: 'aws.guardduty', text: '長'.repeat(9_000) },
  ]) {
    const [line = ''] = cef.render(renderable(message), 2_048).texts;

    const parsed = parseCef(line);
    t.same(faultsOf(parsed), [], line);
    t.ok(parsed.extension.has('cn2'), line);
  }
  t.end();
});

t.test('any input at any limit is one line that can be read', (t) => {
  fc.assert(
    fc.property(anyMessage(), fc.integer({ min: 2_048, max: 20_000 }), (message, maxBytes) =>
      recordsOf(message)
        .filter(isRenderable)
        .every((rec) => {
          const [line = ''] = cef.render(rec, maxBytes).texts;
          return (
            faultsOf(parseCef(line)).length === 0 &&
            Buffer.byteLength(line) <= maxBytes &&
            !CONTROLS.test(line)
          );
        }),
    ),
    { numRuns: INPUTS },
  );
  t.end();
});
