import type { JsonValue } from '../../agent/model/json.ts';
import type { Leaf } from './finding-shape.ts';

const ACCOUNT = '123456789012';
const REGION = 'us-west-2';
const SHA256 = '5e88'.repeat(16);
const SEEN = '2026-07-22T18:47:17.000Z';
const SEEN_SECONDS = 1_784_746_037.25;

/** What an attribute that ends so holds; the first row that matches. */
const VALUES: readonly (readonly [ending: RegExp, value: JsonValue])[] = [
  [
    /^arn$/,
    `arn:aws:guardduty:${REGION}:${ACCOUNT}:detector/12abc34d567e8fa901bc2d34eexample/finding/16afba5c`,
  ],
  [/^id$/, '16afba5c'],
  [/^severity$/, 8.7],
  [/^type$/, 'Backdoor:EC2/C&CActivity.B!DNS'],
  [/^schemaVersion$/, '2.0'],
  [/^(created|updated)At$|eventFirstSeen$|eventLastSeen$|launchTime$/, SEEN],
  [/accountId$|account\.uid$|vpcOwnerAccountId$/i, ACCOUNT],
  [/region$/, REGION],
  [/^partition$|cloudPartition$/, 'aws'],
  [/local.*ipAddressV4$|privateIpAddress$/, '10.0.1.10'],
  [/local.*ipAddressV6$|ipv6Addresses$/, '2001:db8::10'],
  [/ipAddressV4$|sourceIPs$|publicIp$|\.ip$/, '203.0.113.10'],
  [/ipAddressV6$/, '2001:db8::20'],
  [/local.*\.port$/, 49_152],
  [/\.port$/, 443],
  [/countryCode$/, 'DE'],
  [/country(Name)?$/, 'Germany'],
  [/\.lat$/, 52.52],
  [/\.lon$/, 13.405],
  [/\.asn$/, '64500'],
  [/autonomousSystem\.number$/, 64_500],
  [/actionType$/, 'NETWORK_CONNECTION'],
  [/connectionDirection$|connection\.direction$/, 'OUTBOUND'],
  [/action\.\w+\.protocol$/, 'TCP'],
  [/instanceId$/, 'i-0123456789abcdef0'],
  [/detectorId$/, '12abc34d567e8fa901bc2d34eexample'],
  [/resourceRole$/, 'TARGET'],
  [/^resource\.resourceType$/, 'Instance'],
  [/bucketDetails\.arn$/i, 'arn:aws:s3:::example-bucket'],
  [/objectArn$/, 'arn:aws:s3:::example-bucket/a/key'],
  [/arn$/i, `arn:aws:example:${REGION}:${ACCOUNT}:thing/one`],
  [/sha256$|hash$/i, SHA256],
  [/additionalInfo\.value$/, '{"unusualBehavior":"a new port","ports":[1,2]}'],
  [/^service\.additionalInfo\.type$/, 'default'],
  [/sequenceIndicators\.key$/, 'ATTACK_TECHNIQUE'],
  [/sequenceIndicators\.values$/, 'T1078.004 - Valid Accounts: Cloud Accounts'],
  [/signalIndicators\.key$/, 'ATTACK_TACTIC'],
  [/signalIndicators\.values$/, 'Defense Evasion'],
  [/mfaStatus$/, 'ENABLED'],
  [/(executable|file|script|library)Path$/i, '/usr/bin/example'],
];

function ofType({ path, type }: Leaf): JsonValue {
  switch (type) {
    case 'string':
      return `${path.slice(path.lastIndexOf('.') + 1)} 1`;
    case 'number':
      return 3;
    case 'boolean':
      return true;
    case 'timestamp':
      return SEEN_SECONDS;
    case 'map':
      return { features: [{ profileType: 'FREQUENCY', observations: { text: ['x'] } }] };
  }
}

/** What GuardDuty would put there. */
export function plausible(leaf: Leaf): JsonValue {
  return VALUES.find(([ending]) => ending.test(leaf.path))?.[1] ?? ofType(leaf);
}
