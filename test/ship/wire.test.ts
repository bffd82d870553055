import type { LookupAddress } from 'node:dns';
import fc from 'fast-check';
import t from 'tap';

import type { Band } from '../../agent/model/finding.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import { createConcurrencyLimit } from '../../agent/ship/http/concurrency-limit.ts';
import { retryAfterMs } from '../../agent/ship/http/retry-after.ts';
import { createGuardedLookup, isForbiddenAddress } from '../../agent/ship/wire/address.ts';
import { createSyslogEncoder } from '../../agent/ship/wire/syslog-encoder.ts';
import { plainChange, plainFinding, recordBase, recordNamed, rendered } from '../support/ship-records.ts';

const form = {
  header: 'rfc5424',
  hostname: '{agent}',
  facility: 13,
  framing: 'octet-counting',
  maxMessageBytes: 8_000,
} as const;

function encoder(changes: Partial<Parameters<typeof createSyslogEncoder>[0]> = {}, agentId = 'relay-1') {
  return createSyslogEncoder({ ...form, ...changes }, { agentId, render: (record) => rendered(record.raw) });
}

function finding(band: Band): RenderableRec {
  return {
    ...recordBase,
    kind: 'finding',
    key: 'k',
    raw: '{"a":1}',
    finding: plainFinding(band),
    detail: {},
  };
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

t.test('1 the header follows the ABNF and the count its bytes, whatever the record holds', async (t) => {
  const header = /^<(\d{1,3})>1 (\S+) ([!-~]{1,255}) guardrelay - ([!-~]{1,32}) - /;
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3_000 }),
    fc.constantFrom('', 'é'.repeat(983), 'é'.repeat(984), '𝄞'.repeat(600), '\u0000\n\r\u001b'),
  );
  const limit = 2_048;

  fc.assert(
    fc.property(texts, fc.string({ unit: 'binary' }), fc.integer(), (text, agentId, time) => {
      const encode = encoder({ maxMessageBytes: limit }, agentId);
      const { bytes } = encode({ ...recordBase, kind: 'unparsed', key: 'k', raw: text, time });
      const blank = bytes.indexOf(0x20);
      const message = bytes.subarray(blank + 1);

      const [, priority] = header.exec(message.toString()) ?? [];
      t.ok(priority !== undefined && Number(priority) <= 191);
      t.equal(Number(bytes.toString('latin1', 0, blank)), message.length);
      t.ok(message.length <= limit);
      t.notMatch(message.toString(), /[^\P{Cc}\t]/u, 'no control character');
      t.ok(isWellFormed(message), 'no code point is cut in two');
    }),
    { numRuns: 300 },
  );
});

function isWellFormed(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes);
}

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

const forbidden = ['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', 'fd00:ec2::254'];
const allowed = ['127.0.0.1', '10.0.0.1', '203.0.113.9', '::1', 'fd00::1', 'siem.example.com'];
t.test('link-local and metadata addresses are told from others', async (t) => {
  for (const address of forbidden) t.equal(isForbiddenAddress(address), true, address);
  for (const address of allowed) t.equal(isForbiddenAddress(address), false, address);
});

t.test('a name that leads to a metadata address is refused, also beside an allowed one', async (t) => {
  const answers = { good: ['10.0.0.1', '10.0.0.2'], evil: ['10.0.0.1', '169.254.169.254'] };
  const lookup = createGuardedLookup((host, _, done) => {
    const addresses = host === 'evil' ? answers.evil : answers.good;
    done(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  });
  const ask = (host: string, all: boolean) =>
    new Promise<string | LookupAddress[]>((resolve, reject) => {
      lookup(host, { all }, (error, address) => (error ? reject(error) : resolve(address)));
    });

  t.equal(await ask('good', false), '10.0.0.1');
  t.same(await ask('good', true), [
    { address: '10.0.0.1', family: 4 },
    { address: '10.0.0.2', family: 4 },
  ]);
  for (const all of [false, true]) {
    const error = await ask('evil', all).catch((refusal: unknown) => refusal);
    t.match(error, { outcome: { kind: 'blocked', why: 'config' } });
  }
});

const waits: readonly (readonly [string | undefined, number | undefined])[] = [
  [undefined, undefined],
  ['0', undefined],
  ['120', 120_000],
  ['86400', 900_000],
  ['Wed, 22 Jul 2026 18:47:47 GMT', 30_000],
  ['Wed, 22 Jul 2026 18:00:00 GMT', undefined],
  ['soon', undefined],
];
for (const [header, expected] of waits) {
  t.test(`34 Retry-After ${header} means ${expected} ms`, async (t) => {
    t.equal(retryAfterMs(header, Date.UTC(2026, 6, 22, 18, 47, 17)), expected);
  });
}

t.test(
  '35 the limit grows by one for each round, and halves once for all that were open together',
  async (t) => {
    const limit = createConcurrencyLimit(4);
    for (let answers = 0; answers < 20; answers += 1) limit.succeeded();
    const full = limit.current;
    const tickets = [limit.start(), limit.start(), limit.start()];

    for (const ticket of tickets) limit.throttled(ticket);
    const afterBurst = limit.current;
    limit.throttled(limit.start());
    limit.throttled(limit.start());
    const floor = limit.current;

    t.same([full, afterBurst, floor], [4, 2, 1]);
  },
);
