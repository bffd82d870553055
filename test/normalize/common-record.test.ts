import { isIP } from 'node:net';
import fc from 'fast-check';
import t from 'tap';

import { isJsonObject, type JsonValue } from '../../agent/model/json.ts';
import type { SourceRec } from '../../agent/model/record.ts';
import { generatedEvents } from '../support/finding-generator.ts';
import { wholeFinding } from '../support/finding-shape.ts';
import { plausible } from '../support/finding-values.ts';
import { enveloped, recordOf, recordsOf } from '../support/log-events.ts';

/** Heavier loops: `GUARDRELAY_FUZZ=200000`. */
const FUZZ_RUNS = Number(process.env.GUARDRELAY_FUZZ ?? 1000);

/** Members that hold what the finding says as it is, under whatever names. */
const AS_IT_IS = new Set([
  ...['additionalInfo', 'affectedResources', 'detail', 'permissionChecked', 'request', 'response'],
  ...['role', 'roleBinding', 'runtimeContext', 'threatIntel'],
]);

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= 65_535;
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && isIP(value) !== 0;
}

/** What a value under such a name always is. */
const PROMISES: readonly (readonly [name: RegExp, isKept: (value: unknown) => boolean])[] = [
  [/^(ips?|sourceIps)$/, isAddress],
  [/^port$/, isPort],
  [/^(created|updated|firstSeen|lastSeen|started|modified)$/, Number.isSafeInteger],
];

/** Everything that is wrong with what a format would read. */
function faultsOf(value: unknown, name: string): readonly string[] {
  if (value === undefined) return [`${name} is undefined`];
  if (AS_IT_IS.has(name)) return [];
  if (Array.isArray(value)) return value.flatMap((entry) => faultsOf(entry, name));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, member]) => faultsOf(member, key));
  }
  const broken = PROMISES.filter(([names, isKept]) => names.test(name) && !isKept(value));
  return broken.map(() => `${name} is ${String(value)}`);
}

function faultsIn(record: SourceRec): readonly string[] {
  if (record.kind === 'finding') return faultsOf(record.finding, 'finding');
  if (record.kind !== 'config-change') return [];
  return faultsOf(record.change, 'change');
}

t.test('every generated event is a record with its text, an account, a region and a time', (t) => {
  for (const { name, text } of generatedEvents()) {
    for (const record of recordsOf(text)) {
      t.match(record, { raw: text, account: /./, region: /./, partition: /./ }, name);
      t.ok(record.time > 0, name);
      t.same(faultsIn(record), [], `${name}: nothing undefined, addresses are addresses, times are times`);
    }
  }
  t.end();
});

t.test('what a log group holds beside findings keeps its kind, whatever it says', (t) => {
  const kinds = new Map(generatedEvents().map(({ name, text }) => [name, recordOf(text).kind]));
  const rows: readonly [kind: string, names: readonly string[]][] = [
    ['guardduty-event', ['a clean object', 'an infected object', 'an object that could not be scanned']],
    ['guardduty-event', ['a hostile object', 'a scan result without anything', 'an unhealthy agent']],
    ['guardduty-event', ['a post-scan action that failed', 'a plan with an error', 'an active plan']],
    ['config-change', ['a call', 'a call of nobody', 'a call that reads', 'a hostile call']],
    ['unknown', ['an event of another service', 'another object', 'an empty list of findings']],
    [
      'unparsed',
      ['plain text', 'no text', 'a scalar', 'text of several lines', 'a finding cut in the middle'],
    ],
  ];

  for (const [kind, names] of rows) for (const name of names) t.equal(kinds.get(name), kind, name);
  t.end();
});

t.test('the same text gives the same record, without a clock and without chance', (t) => {
  const forbidden = () => {
    throw new Error('neither clock nor chance');
  };
  t.intercept(Date, 'now', { value: forbidden });
  t.intercept(Math, 'random', { value: forbidden });
  const rows = generatedEvents().map(({ name, text }) => ({
    name,
    records: [recordsOf(text), recordsOf(text)],
  }));

  for (const { name, records } of rows) {
    const [once, again] = records.map((record) => JSON.stringify(record));
    t.equal(again, once, name);
  }
  t.end();
});

t.test('a whole finding is the same in SDK names as in wire names', (t) => {
  const wire = recordOf(enveloped(wholeFinding(plausible)));

  const sdk = recordOf(enveloped(wholeFinding(plausible, 'sdk')));

  t.same('detail' in sdk && sdk.detail, 'detail' in wire && wire.detail);
  t.same(sdk.kind === 'finding' && sdk.finding, wire.kind === 'finding' && wire.finding);
  t.end();
});

t.test('a value nested deeper than the stack costs the record nothing but that value', (t) => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  const indicator = `{"key":"SUSPICIOUS_NETWORK","values":[${deep}]}`;
  const sequence = `{"sequence":{"sequenceIndicators":[${indicator}]}}`;
  const text = JSON.stringify(enveloped({ accountId: '123456789012', service: { detection: 'HERE' } }));

  const record = recordOf(text.replace('"HERE"', sequence));

  t.match(record, { kind: 'finding', finding: { sequence: { indicators: [{ values: [''] }] } } });
  t.end();
});

/** Paths of every value in a finding, so that fuzzing reaches the deep ones as often as the others. */
function pathsIn(value: JsonValue, path: readonly string[] = []): readonly (readonly string[])[] {
  if (!isJsonObject(value) && !Array.isArray(value)) return [path];
  const below = Object.entries(value).flatMap(([name, member]) => pathsIn(member ?? null, [...path, name]));
  return path.length === 0 ? below : [path, ...below];
}

function replaced(value: JsonValue, [name, ...rest]: readonly string[], by: JsonValue): JsonValue {
  if (name === undefined) return by;
  if (Array.isArray(value)) {
    return value.map((entry: JsonValue, at) => (String(at) === name ? replaced(entry, rest, by) : entry));
  }
  return isJsonObject(value) ? { ...value, [name]: replaced(value[name] ?? null, rest, by) } : value;
}

t.test('a whole finding with anything in any place is a finding without faults', (t) => {
  const whole = wholeFinding(plausible);
  const anything = fc.oneof(fc.jsonValue(), fc.constantFrom(null, [], {}, '', 0, -1, 1e300, true));

  fc.assert(
    fc.property(fc.constantFrom(...pathsIn(whole)), anything, (path, value: unknown) => {
      const json: JsonValue = JSON.parse(JSON.stringify(value));
      const record = recordOf(enveloped(replaced(whole, path, json)));
      return record.kind === 'finding' && faultsIn(record).length === 0;
    }),
    { numRuns: FUZZ_RUNS },
  );
  t.end();
});
