import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { isRenderable } from '../../agent/model/record.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import { noticeRecord } from '../../agent/normalize/notice.ts';
import { INPUTS } from '../support/any-message.ts';
import { enveloped, findingFixtures, NOTICE, recordOf, workedExample } from '../support/log-events.ts';
import { parsed, renderable, textOf } from '../support/rendering.ts';

const detail = formatNamed('detail');
const raw = formatNamed('raw');

/** The envelope of a finding around this text, behind and before these members. */
function around(text: string, before = '', after = ''): string {
  return `{${before}"source":"aws.guardduty","detail-type":"GuardDuty Finding","detail":${text}${after}}`;
}

t.test('detail is a slice of the text, byte for byte', (t) => {
  const rows: readonly [what: string, text: string][] = [
    ['exponents and large integers', '{"a":1.639010703E9,"b":12345678901234567890,"c":1.50,"d":-0}'],
    ['escapes', '{"a":"\\u00e9\\/é","b":"\\ud83d\\ude00😀"}'],
    ['repeated keys', '{"a":1,"a":2}'],
    ['quotes and backslashes', '{"a":"\\"}\\\\","b":"\\\\\\"","c\\"":"\\\\"}'],
    ['brackets in text', '{"a":"}]{[","b":["}"]}'],
    ['blanks', '{ "a" :\t1 , "b" : [ ] }'],
    ['nothing in it', '{}'],
    ['its own name inside', '{"x":"\\"detail\\":{","detail":{"detail":{}},"y":[{"detail":1}]}'],
  ];

  for (const [what, text] of rows) {
    t.equal(textOf(detail, renderable(around(text))), text, what);
    t.equal(textOf(detail, renderable(around(text, '"a":{"detail":{"x":1}},'))), text, `${what}, last`);
    t.equal(textOf(detail, renderable(around(text, '', ',"z":"}\\""'))), text, `${what}, not last`);
  }
  t.end();
});

t.test('detail is found wherever and however it stands in the envelope', (t) => {
  const names = '"source":"aws.guardduty","detail-type":"GuardDuty Finding"';
  const rows: readonly [what: string, text: string][] = [
    ['first', `{"detail":{"a":1},${names}}`],
    ['with blanks', `  { ${names} , "detail" : {"a":1} }  `],
    ['printed', `{\n${names},\n"detail":\r\n{"a":1}\n}`],
    ['with an escaped name', `{${names},"det\\u0061il":{"a":1}}`],
    ['again, of which the last counts', `{"detail":{"b":1},${names},"detail":"x","detail":{"a":1}}`],
    ['behind a name that looks like it', `{"\\"detail\\":{":1,"detail\\"":{},${names},"detail":{"a":1}}`],
  ];

  for (const [what, text] of rows) t.equal(textOf(detail, renderable(text)), '{"a":1}', what);
  t.end();
});

t.test('the detail of every kind of event in an envelope goes out, everything else as in raw', (t) => {
  const call = { eventSource: 'guardduty.amazonaws.com', eventName: 'DeleteDetector' };
  const inner = { a: 1 };
  const sliced: readonly [text: unknown, detail: object][] = [
    [enveloped(call, { 'detail-type': 'AWS API Call via CloudTrail' }), call],
    [enveloped(inner, { 'detail-type': 'GuardDuty Runtime Protection Healthy' }), inner],
    [enveloped({ AccountId: '123456789012', Type: 'x' }), { AccountId: '123456789012', Type: 'x' }],
  ];
  const bareFinding = '{"arn":"arn:aws:guardduty:x:1:detector/a/finding/b","type":"x","detail":{"a":1}}';
  const others = [
    bareFinding,
    JSON.stringify({ ...call, detail: 'x' }),
    enveloped(inner, { source: 'aws.ec2' }),
    enveloped(null),
    '{"detail":"text"}',
    'no JSON',
  ];

  for (const [text, expected] of sliced) t.equal(textOf(detail, renderable(text)), JSON.stringify(expected));
  for (const each of others) {
    const rec = renderable(each);
    t.equal(textOf(detail, rec), textOf(raw, rec));
  }
  t.equal(textOf(detail, noticeRecord(NOTICE)), textOf(raw, noticeRecord(NOTICE)));
  t.end();
});

t.test('the account of every fixture that is a finding stands in its detail', (t) => {
  for (const { name, text } of findingFixtures().filter(({ kind }) => kind === 'finding')) {
    const rec = renderable(text);
    t.match(textOf(detail, rec), rec.account, name);
  }
  t.end();
});

t.test('a text that is not what the record was made from costs the text, not the record', (t) => {
  const rec = renderable(workedExample().text);

  for (const text of ['{"detail":"x"}', '{"a":1}', '[', '']) {
    t.same(parsed(textOf(detail, { ...rec, raw: text })), 'detail' in rec && rec.detail, text);
  }
  t.end();
});

t.test('too large, it loses members and says so', (t) => {
  const finding = {
    accountId: '123456789012',
    id: 'f1',
    service: { count: 3 },
    description: 'x'.repeat(3000),
  };
  const text = JSON.stringify(finding);

  const { texts, truncated, dropped } = detail.render(renderable(enveloped(finding)), 2048);

  t.equal(
    texts[0],
    '{"accountId":"123456789012","id":"f1","service":{"count":3},' +
      `"guardrelay":{"truncated":true,"bytes":${text.length},"dropped":["description"]}}`,
  );
  t.same({ truncated, dropped }, { truncated: true, dropped: ['description'] });
  t.end();
});

t.test('the detail of any event means what JSON.parse finds there', (t) => {
  const member = fc.tuple(fc.constantFrom('detail', 'a', '"detail":{', 'x\\'), fc.json({ maxDepth: 4 }));
  const inner = fc.array(member, { maxLength: 4 }).map((members) => objectText(members));
  const outer = fc
    .tuple(fc.array(member, { maxLength: 3 }), inner, fc.boolean())
    .map(([members, text, printed]) => {
      const event = around(text, members.map((each) => `${memberText(each)},`).join(''));
      return printed ? JSON.stringify(JSON.parse(event), null, 1) : event;
    });

  fc.assert(
    fc.property(outer, (event) => {
      const rec = recordOf(event);
      if (!isRenderable(rec)) return false;
      const text = textOf(detail, rec);
      const means = isDeepStrictEqual(JSON.parse(text), JSON.parse(event).detail);
      return means && (event.includes('\n') || event.includes(text));
    }),
    { numRuns: INPUTS },
  );
  t.end();
});

function memberText([name, value]: readonly [name: string, value: string]): string {
  return `${JSON.stringify(name)}:${value}`;
}

function objectText(members: readonly (readonly [name: string, value: string])[]): string {
  return `{${members.map(memberText).join(',')}}`;
}
