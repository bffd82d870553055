import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import { noticeRecord } from '../../agent/normalize/notice.ts';
import { INPUTS } from '../support/any-message.ts';
import { enveloped, findingFixtures, NOTICE, workedExample } from '../support/log-events.ts';
import { parsed, renderable, textOf } from '../support/rendering.ts';

const wazuh = formatNamed('wazuh');
const raw = formatNamed('raw');

const ACCOUNT = '123456789012';

/** A finding of probed ports; the number is written as no printer would. */
function probed(probes: string, fields = ''): string {
  const action = `{"actionType":"PORT_PROBE","portProbeAction":{"blocked":false,"portProbeDetails":${probes}}}`;
  const detail = `{"accountId":"${ACCOUNT}","severity":2.0E0,"service":{"action":${action}}${fields}}`;
  return `{"source":"aws.guardduty","detail-type":"GuardDuty Finding","detail":${detail}}`;
}

function probe(port: number): string {
  return `{"localPortDetails":{"port":${port}},"remoteIpDetails":{"ipAddressV4":"203.0.113.${port}"}}`;
}

t.test('wazuh is the detail with its source at the end, as Wazuh writes what it collects itself', (t) => {
  const call = { eventSource: 'guardduty.amazonaws.com', recipientAccountId: ACCOUNT, eventName: 'x' };
  const rows: readonly [text: unknown, line: string][] = [
    [
      `{"source":"aws.guardduty","detail-type":"GuardDuty Finding","detail":{"accountId":"${ACCOUNT}","a":1.50E0 } }`,
      `{"integration":"aws","aws":{"accountId":"${ACCOUNT}","a":1.50E0 ,"source":"guardduty"}}`,
    ],
    [
      enveloped(call, { 'detail-type': 'AWS API Call via CloudTrail' }),
      `{"integration":"aws","aws":${JSON.stringify({ ...call, source: 'cloudtrail' })}}`,
    ],
    [
      ` ${JSON.stringify(call)}\n`,
      `{"integration":"aws","aws":${JSON.stringify({ ...call, source: 'cloudtrail' })}}`,
    ],
  ];

  for (const [text, line] of rows) t.equal(textOf(wazuh, renderable(text)), line);
  t.end();
});

t.test('where the text does not name the account, a member does', (t) => {
  const rows: readonly [detail: unknown, aws: string][] = [
    [{}, `{"source":"guardduty","account":"${ACCOUNT}"}`],
    [{ accountId: null }, `{"accountId":null,"source":"guardduty","account":"${ACCOUNT}"}`],
    [{ accountId: 42 }, '{"accountId":42,"source":"guardduty","account":"000000000042"}'],
    [{ accountId: 123456789012 }, `{"accountId":${ACCOUNT},"source":"guardduty"}`],
  ];

  for (const [detail, aws] of rows) {
    t.equal(textOf(wazuh, renderable(enveloped(detail))), `{"integration":"aws","aws":${aws}}`);
  }
  t.end();
});

t.test('every finding of the fixtures keeps its members and names its account', (t) => {
  for (const { name, text } of findingFixtures().filter(({ kind }) => kind === 'finding')) {
    const rec = renderable(text);
    const line = textOf(wazuh, rec);
    const detail = JSON.parse(text).detail ?? JSON.parse(text);

    t.strictSame(parsed(line), { integration: 'aws', aws: { ...detail, source: 'guardduty' } }, name);
    t.match(line, rec.account, name);
  }
  t.end();
});

t.test('each probe of a port is a message of its own, with an object where the list was', (t) => {
  const text = probed(`[${probe(22)}, ${probe(80)} ,${probe(443)}]`);

  const { texts, truncated } = wazuh.render(renderable(text), 1_000_000);

  t.notOk(truncated);
  t.same(
    texts,
    [22, 80, 443].map((port) => {
      const { detail } = JSON.parse(probed(probe(port)));
      const printed = JSON.stringify(detail).replace('"severity":2,', '"severity":2.0E0,');
      return `{"integration":"aws","aws":${printed.slice(0, -1)},"source":"guardduty"}}`;
    }),
  );
  t.end();
});

t.test('any list of probes comes out one by one, with all of the finding around each', (t) => {
  const lists = fc.array(fc.json({ maxDepth: 3 }), { maxLength: 6 });
  const layouts = fc.constantFrom('', ' ', '\n\t');

  fc.assert(
    fc.property(lists, layouts, fc.json(), (others, blank, extra) => {
      const probes = [probe(22), ...others];
      const text = probed(`[${blank}${probes.join(`${blank},${blank}`)}${blank}]`, `,"extra":${extra}`);
      const { texts } = wazuh.render(renderable(text), 1_000_000);
      const expected = probes.map((each) => {
        const { detail } = JSON.parse(probed(each, `,"extra":${extra}`));
        return { integration: 'aws', aws: { ...detail, source: 'guardduty' } };
      });
      return isDeepStrictEqual(texts.map(parsed), expected);
    }),
    { numRuns: INPUTS },
  );
  t.end();
});

t.test('a list that is none, is empty or would multiply the finding without end stays as it is', (t) => {
  const rows: readonly [what: string, probes: string, fields?: string][] = [
    ['an object', probe(22)],
    ['null', 'null'],
    ['text', '"[1,2]"'],
    ['empty', '[]'],
    [
      'too many in a large finding',
      `[${`${probe(22)},`.repeat(60)}null]`,
      `,"description":"${'x'.repeat(20_000)}"`,
    ],
  ];

  for (const [what, probes, fields] of rows) {
    const { aws } = parsed(textOf(wazuh, renderable(probed(probes, fields))));
    t.match(
      aws,
      { service: { action: { portProbeAction: { portProbeDetails: JSON.parse(probes) } } } },
      what,
    );
  }
  t.end();
});

t.test('too large, each message loses members, says so and keeps its source and account', (t) => {
  const rec = renderable(probed(`[${probe(22)},${probe(80)}]`, `,"description":"${'x'.repeat(5000)}"`));

  const { texts, truncated, dropped } = wazuh.render(rec, 2048);

  t.equal(texts.length, 2);
  t.same({ truncated, dropped }, { truncated: true, dropped: ['description'] });
  for (const text of texts) {
    t.ok(Buffer.byteLength(text) <= 2048);
    t.match(parsed(text), {
      integration: 'aws',
      aws: { accountId: ACCOUNT, source: 'guardduty' },
      guardrelay: { truncated: true, dropped: ['description'] },
    });
  }
  t.end();
});

t.test('a message of which only blanks go is whole', (t) => {
  const { text } = workedExample();
  const rec = renderable(text.replaceAll('\n', `\n${' '.repeat(100)}`));

  const { texts, truncated } = wazuh.render(rec, 2048);

  t.notOk(truncated);
  t.ok(Buffer.byteLength(texts[0] ?? '') <= 2048);
  t.match(parsed(texts[0] ?? ''), { aws: { ...workedExample().detail, source: 'guardduty' } });
  t.end();
});

t.test('everything else goes out as in raw', (t) => {
  const others = [
    enveloped({}, { 'detail-type': 'GuardDuty Runtime Protection Healthy' }),
    { a: 1 },
    'no JSON',
  ];

  for (const rec of [...others.map((event) => renderable(event)), noticeRecord(NOTICE)]) {
    t.equal(textOf(wazuh, rec), textOf(raw, rec));
  }
  t.end();
});
