import { isJsonObject, type JsonObject, type JsonValue } from '../../agent/model/json.ts';
import type { GeneratedEvent } from './finding-generator.ts';
import { FINDING_KINDS, findingOf } from './finding-kinds.ts';
import { wholeFinding } from './finding-shape.ts';
import { plausible } from './finding-values.ts';
import { enveloped, workedExample } from './log-events.ts';

/** Line breaks, controls, delimiters of all formats, forged headers and marks that turn the text around. */
export const HOSTILE_TEXT = [
  'a\r\n<13>1 2026-07-22T18:47:17Z forged app - - - second message\n',
  'CEF:0|Evil|Forged|1|x|y|10|src=192.0.2.1 cs1=000000000000\t',
  'LEEF:2.0|Evil|Forged|1|x|x09|src=192.0.2.1\tusrName=forged|',
  '"},"accountId":"000000000000","x":{"y":"\\"\\\\ = \\= | \\| ]\\]',
  '\0\u0001\u001b[31m\u007f\u0085\u2028\u2029\u202e\ufeff 🦆 漢字 \\n \\',
].join(' ');

type Change = (value: JsonValue | undefined) => JsonValue | undefined;

/** The same object with the member at the path changed; what is missing on the way is made. */
function changed(
  value: JsonValue | undefined,
  [name, ...rest]: readonly string[],
  change: Change,
): JsonObject {
  const object = isJsonObject(value) ? value : {};
  if (name === undefined) return object;
  const member = object[name];
  return { ...object, [name]: rest.length === 0 ? change(member) : changed(member, rest, change) };
}

function set(detail: JsonObject, path: string, value: JsonValue): JsonObject {
  return changed(detail, path.split('.'), () => value);
}

function mapLeaves(value: JsonValue, change: (leaf: JsonValue) => JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((entry: JsonValue) => mapLeaves(entry, change));
  if (!isJsonObject(value)) return change(value);
  const members = Object.entries(value).map(([name, member]): [string, JsonValue] => [
    name,
    mapLeaves(member ?? null, change),
  ]);
  return Object.fromEntries(members);
}

function hostile(detail: JsonObject): JsonValue {
  return mapLeaves(detail, (leaf) => (typeof leaf === 'string' ? `${leaf} ${HOSTILE_TEXT}` : leaf));
}

function withoutLists(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return withoutLists(value[0] ?? null);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]): [string, JsonValue] => [
    name,
    withoutLists(member ?? null),
  ]);
  return Object.fromEntries(members);
}

const IPV6_ENDS = {
  actionType: 'NETWORK_CONNECTION',
  networkConnectionAction: {
    connectionDirection: 'INBOUND',
    protocol: 'TCP',
    blocked: true,
    localIpDetails: { ipAddressV6: '2001:db8::10' },
    localPortDetails: { port: 22, portName: 'SSH' },
    remoteIpDetails: { ipAddressV6: '2001:db8::20' },
    remotePortDetails: { port: 50_000 },
  },
};

/** One change each to the worked example. */
function changes(detail: JsonObject): Readonly<Record<string, JsonValue>> {
  const attackSequence = FINDING_KINDS.find(({ name }) => name.startsWith('AttackSequence:IAM'));
  return {
    'additionalInfo that is no JSON': set(detail, 'service.additionalInfo', { value: '{"a":', type: 'x' }),
    'additionalInfo that is text': set(detail, 'service.additionalInfo', '{"sample":true}'),
    'no lists': withoutLists(detail),
    'no lists in a whole finding': withoutLists(wholeFinding(plausible)),
    'an attack sequence': attackSequence ? findingOf(attackSequence) : {},
    'a description of 240 KB': set(detail, 'description', 'long 漢🦆 '.repeat(24_000)),
    'a custom detection rule': {
      ...detail,
      type: 'Custom:IAMUser/MyRule',
      customDetectionRuleName: 'my rule',
      confidence: 88,
    },
    'PascalCase in the envelope': wholeFinding(plausible, 'sdk'),
    'times of 2017': { ...detail, createdAt: '1513612692', updatedAt: '2017-12-18 15:58:12.123456789' },
    'times as numbers': { ...detail, createdAt: 1.639010703e9, updatedAt: 1639010703120 },
    'hostile text everywhere': hostile(detail),
    'hostile text in a whole finding': hostile(wholeFinding(plausible)),
    'hostile text of 18 KB': set(detail, 'title', HOSTILE_TEXT.repeat(50)),
    'IPv6 only': set(detail, 'service.action', IPV6_ENDS),
    'no action, no interface': set(
      set(detail, 'service.action', {}),
      'resource.instanceDetails.networkInterfaces',
      [],
    ),
    nulls: { ...detail, title: null, description: null, resource: null, service: null },
    'severity 9.8': set(detail, 'severity', 9.8),
    'severity 12': set(detail, 'severity', 12),
    'severity and count as text': set(set(detail, 'severity', '8.7'), 'service.count', '3'),
    'a type without colon': set(detail, 'type', 'no type at all'),
    'no type': set(detail, 'type', null),
    'a masked account': set(detail, 'accountId', '********8494'),
    'an account of 10 digits': set(detail, 'accountId', '1234567890'),
    'an account as a number': set(detail, 'accountId', 12_345_678_901),
    'an ARN without partition': set(
      detail,
      'arn',
      'arn::guardduty:us-west-2:123456789012:detector/1/finding/2',
    ),
    'lone surrogates': { ...detail, title: 'high \ud83e', description: 'low \udd86 first' },
    'a key that is no key': { ...detail, ['__proto__']: { a: 1 }, constructor: { b: 2 }, toString: 'x' },
    'several port probes': set(detail, 'service.action', {
      actionType: 'PORT_PROBE',
      portProbeAction: {
        blocked: false,
        portProbeDetails: [80, 443, 0].map((port) => ({
          localPortDetails: { port, portName: 'web' },
          localIpDetails: { ipAddressV4: '10.0.1.10' },
          remoteIpDetails: { ipAddressV4: '203.0.113.10', organization: { asn: '0' } },
        })),
      },
    }),
  };
}

/** Findings that others broke, or that somebody made to break something. */
export function adversarialEvents(): readonly GeneratedEvent[] {
  const { event, detail, text } = workedExample();
  const changedEvents = Object.entries(changes(detail)).map(([name, value]) => ({
    name,
    text: JSON.stringify(enveloped(value)),
  }));
  return [
    ...changedEvents,
    { name: 'the worked example', text },
    { name: 'the copy of an administrator', text: JSON.stringify({ ...event, account: '999999999999' }) },
    { name: 'a finding alone', text: JSON.stringify(detail) },
    { name: 'pretty-printed', text: JSON.stringify(event, null, 2) },
    { name: 'pretty-printed for Windows', text: JSON.stringify(event, null, '\t').replaceAll('\n', '\r\n') },
    { name: 'a finding cut in the middle', text: text.slice(0, 900) },
  ];
}
