import fc from 'fast-check';
import t from 'tap';

import type { Band, Finding } from '../../agent/model/finding.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import { createSyslogEncoder, type HeaderName } from '../../agent/ship/wire/syslog-encoder.ts';
import { parseRfc5424 } from '../support/rfc5424-parser.ts';
import { plainChange, plainFinding, recordBase, recordNamed, rendered } from '../support/ship-records.ts';

const form = {
  header: 'rfc5424',
  hostname: '{agent}',
  appName: 'guardrelay',
  facility: 13,
  framing: 'octet-counting',
  maxMessageBytes: 8_000,
} as const;

type Form = Parameters<typeof createSyslogEncoder>[0];

function encoder(changes: Partial<Form> = {}, agentId = 'relay-1') {
  return createSyslogEncoder({ ...form, ...changes }, { agentId, render: (record) => rendered(record.raw) });
}

function finding(band: Band, changes: Partial<Finding> = {}): RenderableRec {
  return {
    ...recordBase,
    kind: 'finding',
    key: 'k',
    raw: '{"a":1}',
    finding: { ...plainFinding(band), ...changes },
    detail: {},
  };
}

/** The message without its frame. */
function unframed(bytes: Buffer): Buffer {
  const blank = bytes.indexOf(0x20);
  const message = bytes.subarray(blank + 1);
  if (bytes.toString('latin1', 0, blank) !== String(message.length)) throw new Error('a wrong octet count');
  return message;
}

const golden: readonly (readonly [string, RenderableRec, string])[] = [
  [
    'a critical finding',
    finding('Critical'),
    '<106>1 2026-07-22T18:47:17.000Z relay-1 guardrelay - GuardDutyFinding - {"a":1}',
  ],
  [
    'a finding without severity, milliseconds kept',
    { ...finding('Unknown'), time: Date.UTC(2026, 6, 22, 18, 47, 17, 7) },
    '<110>1 2026-07-22T18:47:17.007Z relay-1 guardrelay - GuardDutyFinding - {"a":1}',
  ],
  [
    'a configuration change',
    { ...recordBase, kind: 'config-change', key: 'k', raw: 'x', change: plainChange(false), detail: {} },
    '<109>1 2026-07-22T18:47:17.000Z relay-1 guardrelay - GuardDutyApiCall - x',
  ],
  [
    'a configuration change that may hide findings',
    { ...recordBase, kind: 'config-change', key: 'k', raw: 'x', change: plainChange(true), detail: {} },
    '<108>1 2026-07-22T18:47:17.000Z relay-1 guardrelay - GuardDutyApiCall - x',
  ],
  [
    'a scan that found a threat',
    {
      ...recordBase,
      kind: 'guardduty-event',
      key: 'k',
      raw: 'x',
      detail: { scanResultDetails: { scanResultStatus: 'THREATS_FOUND' } },
    },
    '<107>1 2026-07-22T18:47:17.000Z relay-1 guardrelay - GuardDutyEvent - x',
  ],
  [
    'a protection that does not work',
    {
      ...recordBase,
      kind: 'guardduty-event',
      key: 'k',
      raw: 'x',
      detail: {},
      envelope: { resources: [], detailType: 'GuardDuty Malware Protection Resource Status Error' },
    },
    '<108>1 2026-07-22T18:47:17.000Z relay-1 guardrelay - GuardDutyEvent - x',
  ],
  [
    'text that is no event',
    { ...recordBase, kind: 'unparsed', key: 'k', raw: 'x' },
    '<110>1 2026-07-22T18:47:17.000Z relay-1 guardrelay - Raw - x',
  ],
  [
    'a time outside of RFC 3339',
    { ...recordBase, kind: 'unparsed', key: 'k', raw: 'x', time: Date.UTC(12_000, 0) },
    '<110>1 - relay-1 guardrelay - Raw - x',
  ],
];
for (const [what, record, message] of golden) {
  t.test(`1 RFC 5424 header of ${what}`, async (t) => {
    const { bytes } = encoder()(record);

    t.equal(bytes.toString(), `${message.length} ${message}`);
  });
}

// RFC 5424 6.5.
const examples: readonly (readonly [string, Partial<ReturnType<typeof parseRfc5424>>])[] = [
  [
    "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{FEFF}'su root' failed on /dev/pts/8",
    { facility: 4, severity: 2, procId: undefined, hasBom: true, text: "'su root' failed on /dev/pts/8" },
  ],
  [
    "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
    { timestamp: '2003-08-24T05:14:15.000003-07:00', procId: '8710', msgId: undefined },
  ],
  [
    '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 ' +
      '[exampleSDID@32473 iut="3" eventSource="Application"][examplePriority@32473 class="high"]',
    {
      elements: new Map([
        ['exampleSDID@32473', { iut: '3', eventSource: 'Application' }],
        ['examplePriority@32473', { class: 'high' }],
      ]),
      text: undefined,
    },
  ],
];
for (const [message, parsed] of examples) {
  t.test(`1 the parser of these tests reads the example ${message.slice(0, 40)}`, async (t) => {
    t.match(parseRfc5424(Buffer.from(message)), parsed);
  });
}

const good = '<13>1 2026-07-22T18:47:17.000Z host app - id - text';
const spoilt: readonly (readonly [string, string, string])[] = [
  ['a PRIVAL of 192', '<13>', '<192>'],
  ['a PRIVAL with a zero before it', '<13>', '<013>'],
  ['another VERSION than a number', '>1 ', '>x '],
  ['a lower-case T', 'T18', 't18'],
  ['seven digits of a second', '.000Z', '.0000000Z'],
  ['a leap second', ':17.', ':60.'],
  ['a HOSTNAME of 256 characters', 'host', 'h'.repeat(256)],
  ['an APP-NAME of 49 characters', 'app', 'a'.repeat(49)],
  ['a MSGID of 33 characters', ' id ', ` ${'i'.repeat(33)} `],
  ['an SD-ID with an equals sign', ' - text', ' [a=b] text'],
  ['a PARAM-VALUE with a bare bracket', ' - text', ' [a b="]"] text'],
  ['an SD-ID that stands twice', ' - text', ' [a][a] text'],
  ['text that follows without a blank', ' - text', ' -text'],
];
for (const [what, from, to] of spoilt) {
  t.test(`1 the parser of these tests refuses ${what}`, async (t) => {
    t.ok(parseRfc5424(Buffer.from(good)));
    t.throws(() => parseRfc5424(Buffer.from(good.replace(from, to))));
  });
}

/** Text as it arrives: one line, no BOM at its start, no halves of characters. */
function arrived(text: string): string {
  const shown = (control: string) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text
    .replace(/^\u{FEFF}/u, '')
    .replaceAll(/[^\P{Cc}\t]/gu, shown)
    .toWellFormed();
}

/** The whole characters in the first `maxBytes`. */
function cut(text: string, maxBytes: number): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(text).subarray(0, maxBytes), {
    stream: true,
  });
}

const anyText = fc.string({ unit: 'binary', maxLength: 400 });

t.test('1 every message follows the ABNF and says what the record says', async (t) => {
  const limit = 2_048;
  const id = 'guardrelay@32473';
  const texts = fc.oneof(anyText, fc.string({ unit: 'binary', maxLength: 3_000 }));

  fc.assert(
    fc.property(texts, anyText, anyText, anyText, fc.integer(), (raw, region, type, name, time) => {
      const encode = encoder({ hostname: '{region}', structuredData: { id }, maxMessageBytes: limit });
      const record = { ...finding('High', { type, id: name, severity: 7.5, count: 3 }), raw, region, time };
      const message = unframed(encode(record).bytes);

      const parsed = parseRfc5424(message);

      const value = (text: string) => cut(text.replaceAll(/\p{Cc}/gu, ' ').toWellFormed(), 128);
      t.ok(message.length <= limit);
      t.same(
        { ...parsed, text: undefined },
        {
          ...{ facility: 13, severity: 3, appName: 'guardrelay', procId: undefined, text: undefined },
          timestamp: time < 0 ? undefined : new Date(time).toISOString(),
          hostname:
            region
              .replaceAll(/[^!-~]/g, '')
              .slice(0, 255)
              .replace(/^-?$/, '') || undefined,
          msgId: 'GuardDutyFinding',
          elements: new Map([
            [
              id,
              {
                ...{ customer: 'acme', account: '123456789012', region: value(region), type: value(type) },
                ...{ id: value(name), severity: '7.5', count: '3' },
              },
            ],
          ]),
          hasBom: false,
        },
      );
      const before = message.length - Buffer.byteLength(parsed.text ?? '');
      t.equal(parsed.text, cut(arrived(raw), limit - before));
    }),
    { numRuns: 300 },
  );
});

for (const character of ['x', '\u00e9', '\u20ac', '\u{1D11E}']) {
  const octets = Buffer.byteLength(character);
  t.test(`1 texts of ${octets}-octet characters are whole up to the limit and cut behind it`, async (t) => {
    const limit = 2_048;
    const most = limit - unframed(encoder()({ ...finding('Low'), raw: '' }).bytes).length;
    for (const length of [0, octets, most - (most % octets), most - (most % octets) + octets]) {
      const raw = character.repeat(length / octets);

      const { bytes, truncated } = encoder({ maxMessageBytes: limit })({ ...finding('Low'), raw });

      const message = unframed(bytes);
      t.equal(parseRfc5424(message).text, cut(raw, most), `${length} octets`);
      t.equal(truncated, length > most);
      t.ok(message.length <= limit);
    }
  });
}

t.test('2 structured data holds what is known, escaped, on one line', async (t) => {
  const structuredData = { id: 'guardrelay@32473' };
  const record = finding('High', { type: 'a"b\\c]d', id: 'x\r\ny\u0000', severity: 8, sample: true });

  const whole = unframed(encoder({ structuredData })({ ...record, adminAccount: '210987654321' }).bytes);
  const little = unframed(encoder({ structuredData })(recordNamed('r1')).bytes);

  t.match(
    String(whole),
    ' GuardDutyFinding [guardrelay@32473 customer="acme" account="123456789012" adminAccount="210987654321" ' +
      'region="us-west-2" type="a\\"b\\\\c\\]d" id="x  y " severity="8" sample="true"] {"a":1}',
  );
  t.match(
    String(little),
    ' Raw [guardrelay@32473 customer="acme" account="123456789012" region="us-west-2"] {',
  );
});

t.test('2 structured data that would take the place of the text is left out', async (t) => {
  const long = ']'.repeat(200);
  const encode = encoder({ structuredData: { id: 'guardrelay@32473' }, maxMessageBytes: 1_024 });

  const { bytes } = encode({ ...finding('High', { type: long, id: long }), region: long });

  t.match(parseRfc5424(unframed(bytes)), { elements: new Map(), text: '{"a":1}' });
});

const day = (date: number) => ({
  ...recordNamed('r1'),
  time: Date.UTC(2026, 6, date, 8, 7, 6, 5),
  raw: 'text',
});
const bsd: readonly (readonly [string, HeaderName, RenderableRec, string])[] = [
  ['a day of one digit', 'rfc3164', day(2), '<110>Jul  2 08:07:06 relay-1 guardrelay: text'],
  ['a day of two digits', 'rfc3164', day(22), '<110>Jul 22 08:07:06 relay-1 guardrelay: text'],
  ['a time before 1970', 'rfc3164', { ...day(2), time: -1 }, '<110>Jan  1 00:00:00 relay-1 guardrelay: text'],
  ['a full time', 'rfc3164-iso', day(2), '<110>2026-07-02T08:07:06.005Z relay-1 guardrelay: text'],
];
for (const [what, header, record, message] of bsd) {
  t.test(`6 ${header} header of ${what}`, async (t) => {
    const { bytes } = encoder({ header, framing: 'lf' })(record);

    t.equal(bytes.toString(), `${message}\n`);
  });
}

t.test('6 CEF has a tag before it, so that it is not taken for one', async (t) => {
  const raw = 'CEF:0|Amazon|GuardDuty|2.0|x|y|8|';

  const { bytes } = encoder({ header: 'rfc3164', framing: 'none' })({ ...finding('High'), raw });

  t.equal(bytes.toString(), `<107>Jul 22 18:47:17 relay-1 guardrelay: ${raw}`);
});

t.test('6 nothing in a record ends the host name of RFC 3164 early', async (t) => {
  const encode = encoder({ header: 'rfc3164', hostname: '{region}', framing: 'none' });

  const { bytes } = encode({ ...day(2), region: 'eu [west]\n<13>\u00e9:1' });

  t.equal(bytes.toString(), '<110>Jul  2 08:07:06 euwest131 guardrelay: text');
});

t.test('4 no BOM is sent, and the time has three digits of milliseconds', async (t) => {
  const { bytes } = encoder({ framing: 'lf' })({ ...finding('Low'), raw: '\u{FEFF}{"a":1}' });

  t.equal(
    bytes.toString(),
    '<109>1 2026-07-22T18:47:17.000Z relay-1 guardrelay - GuardDutyFinding - {"a":1}\n',
  );
});

t.test('5 the octet count is of bytes, and of the body after it was cut', async (t) => {
  const short = encoder({ header: 'none' })({ ...finding('Low'), raw: 'äöü€𝄞' });
  const long = encoder({ header: 'none', maxMessageBytes: 2_048 })({
    ...finding('Low'),
    raw: '€'.repeat(1_000),
  });

  t.equal(short.bytes.toString(), '13 äöü€𝄞');
  t.equal(short.truncated, false);
  t.equal(long.bytes.toString(), `2046 ${'€'.repeat(682)}`);
  t.equal(long.truncated, true);
});

t.test('text with line breaks and controls stays one message, the tab stays a tab', async (t) => {
  const raw = 'a\n<13>1 forged\r\u0000\u001b[2J\u007f\u0085\tb';

  for (const framing of ['octet-counting', 'lf'] as const) {
    const { bytes } = encoder({ header: 'none', framing })({ ...finding('Low'), raw });

    t.match(
      bytes.toString(),
      'a\\u000a<13>1 forged\\u000d\\u0000\\u001b[2J\\u007f\\u0085\tb',
      `with framing ${framing}`,
    );
  }
});

t.test('the host name is filled from the record', async (t) => {
  const { bytes } = encoder({ hostname: '{customer}.{account}.{region}' })(recordNamed('r1'));

  t.match(bytes.toString(), ' acme.123456789012.us-west-2 guardrelay ');
});

t.test('without framing a record is the messages themselves, each apart', async (t) => {
  const encode = createSyslogEncoder(
    { ...form, header: 'none', framing: 'none', maxMessageBytes: 2_048 },
    { agentId: 'relay-1', render: () => rendered('one', '\u{1D11E}two', '\u20ac'.repeat(1_000)) },
  );

  const { bytes, parts = [] } = encode(recordNamed('r1'));

  t.same(parts.map(String), ['one', '\u{1D11E}two', '\u20ac'.repeat(682)]);
  t.ok(Buffer.concat(parts).equals(bytes));
});
