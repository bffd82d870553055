import fc from 'fast-check';
import t from 'tap';

import { isRenderable, type RenderableRec } from '../../agent/model/record.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import { noticeRecord } from '../../agent/normalize/notice.ts';
import { HOSTILE_TEXT } from '../support/adversarial-events.ts';
import { anyMessage, INPUTS } from '../support/any-message.ts';
import { generatedEvents } from '../support/finding-generator.ts';
import { type ParsedLeef, parseLeef } from '../support/leef-parser.ts';
import { enveloped, findingFixtures, NOTICE, recordsOf, workedExample } from '../support/log-events.ts';
import { cloudTrailCall } from '../support/other-events.ts';
import { renderable, textOf } from '../support/rendering.ts';

const leef = formatNamed('leef');
// A tab separates attributes and nothing else.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
const CONTROLS = /[\0-\x08\x0a-\x1f\x7f-\x9f]/;

function renderableRecords(message: string): readonly RenderableRec[] {
  return recordsOf(message).filter(isRenderable);
}

function faultsOf({ header, attributes }: ParsedLeef): readonly string[] {
  const [, , , eventId = ''] = header;
  return [
    ...(eventId !== '' && eventId.length <= 255 ? [] : ['event id']),
    ...(/^([1-9]|10)$/.test(attributes.get('sev') ?? '') ? [] : ['sev']),
    ...(/^\d{13}$/.test(attributes.get('devTime') ?? '') ? [] : ['devTime']),
  ];
}

t.test('what people call the account stands beside its id, where it is known', (t) => {
  const accountNames = new Map([['123456789012', 'payments-prod']]);
  const attributesOf = (record: RenderableRec) => parseLeef(textOf(leef, record)).attributes;

  const named = attributesOf(renderable(workedExample().text, { accountNames }));
  const unnamed = attributesOf(renderable(workedExample().text));

  t.match(Object.fromEntries(named), { accountName: '123456789012', awsAccountName: 'payments-prod' });
  t.notOk(unnamed.has('awsAccountName'));
  t.end();
});

t.test('the worked example, attribute by attribute', (t) => {
  const { header, attributes } = parseLeef(textOf(leef, renderable(workedExample().text)));

  t.same(header, ['Amazon', 'GuardDuty', '2.0', 'Backdoor:EC2/C&CActivity.B!DNS']);
  t.same([...attributes.keys()].slice(0, 10), [
    ...['devTime', 'sev', 'cat', 'src', 'srcPort', 'dst', 'dstPort', 'proto', 'accountName', 'realm'],
  ]);
  t.match(Object.fromEntries(attributes), {
    devTime: '1784746037000',
    sev: '8',
    src: '10.0.1.10',
    dst: '203.0.113.10',
    dstPort: '443',
    accountName: '123456789012',
    awsAccountId: '123456789012',
    realm: 'us-west-2',
    guarddutySeverity: '8.7',
    findingTitle: 'Command and control activity',
    sample: 'true',
  });
  t.end();
});

t.test('every shape of event is one line by the guide, with its account', (t) => {
  for (const { name, text } of [...generatedEvents(), ...findingFixtures()]) {
    for (const rec of renderableRecords(text)) {
      const { texts, fellBackToRaw } = leef.render(rec, 1_000_000);
      const [line = ''] = texts;
      const parsed = parseLeef(line);

      t.same(name === 'times of the future' ? [] : faultsOf(parsed), [], name);
      t.notOk(fellBackToRaw || texts.length !== 1 || CONTROLS.test(line) || !line.isWellFormed(), name);
      t.equal(parsed.attributes.get('awsAccountId'), rec.account.trim() || undefined, name);
      t.equal(leef.render(rec, 1_000_000).texts[0], line, 'always the same');
    }
  }
  t.end();
});

t.test('values come back as they were, but what LEEF cannot carry', (t) => {
  const title = 'a|b=c\\d "e" ] \u202eright to left';
  const description = 'first line\n\ttabbed\0 = end';
  const { attributes } = parseLeef(
    textOf(leef, renderable(enveloped({ ...workedExample().detail, title, description }))),
  );

  t.equal(attributes.get('findingTitle'), title);
  t.equal(attributes.get('findingDescription'), 'first line  tabbed  = end');
  t.end();
});

t.test('hostile text everywhere forges neither an attribute nor a message', (t) => {
  const hostile = `${HOSTILE_TEXT}\tawsAccountId=999999999999|x09|src=1.1.1.1\nLEEF:2.0|a|b|c|d|`;
  const fields = { title: hostile, description: hostile, type: hostile, id: hostile, region: hostile };
  const line = textOf(leef, renderable(enveloped({ ...workedExample().detail, ...fields })));

  const parsed = parseLeef(line);
  t.same(faultsOf(parsed), []);
  t.equal(parsed.attributes.get('awsAccountId'), '123456789012');
  t.equal(parsed.attributes.get('src'), '10.0.1.10');
  t.notOk(CONTROLS.test(line));
  t.end();
});

t.test('a change of the configuration says who did what, and how grave it is', (t) => {
  const call = cloudTrailCall('DeleteDetector', { sourceIPAddress: '198.51.100.7' });
  const { header, attributes } = parseLeef(textOf(leef, renderable(call)));

  t.equal(header[3], 'DeleteDetector');
  t.match(Object.fromEntries(attributes), {
    sev: '8',
    cat: 'delete',
    src: '198.51.100.7',
    eventSource: 'guardduty.amazonaws.com',
    summary: /.+/,
  });
  t.end();
});

t.test('a notice speaks for guardrelay', (t) => {
  const { header, attributes } = parseLeef(textOf(leef, noticeRecord(NOTICE)));

  t.same(header, ['guardrelay', 'guardrelay', '1', 'source.silent']);
  t.match(Object.fromEntries(attributes), { sev: '8', code: 'SRC-001', summary: 'silent', customer: 'acme' });
  t.end();
});

t.test('within any limit it keeps what people search by', (t) => {
  const long = { description: '長い'.repeat(60_000), title: 't'.repeat(9_000) };
  const rec = renderable(enveloped({ ...workedExample().detail, ...long }));
  const whole = textOf(leef, rec);
  const kept = [
    'devTime',
    'sev',
    'awsAccountId',
    'awsRegion',
    'findingId',
    'findingArn',
    'findingTitle',
    'resource',
  ];

  for (const maxBytes of [65_000, 8_000, 2_048, Buffer.byteLength(whole)]) {
    const { texts, truncated } = leef.render(rec, maxBytes);
    const { attributes } = parseLeef(texts[0] ?? '');
    t.ok(Buffer.byteLength(texts[0] ?? '') <= maxBytes, `${maxBytes}`);
    t.equal(truncated, texts[0] !== whole);
    t.equal(attributes.has('truncated'), truncated);
    for (const key of kept) t.ok(attributes.has(key), key);
  }
  t.end();
});

t.test('any input at any limit is one line that can be read', (t) => {
  fc.assert(
    fc.property(anyMessage(), fc.integer({ min: 2_048, max: 20_000 }), (message, maxBytes) =>
      renderableRecords(message).every((rec) => {
        const [line = ''] = leef.render(rec, maxBytes).texts;
        const isWhole = faultsOf(parseLeef(line)).length === 0;
        return isWhole && Buffer.byteLength(line) <= maxBytes && !CONTROLS.test(line);
      }),
    ),
    { numRuns: INPUTS },
  );
  t.end();
});
