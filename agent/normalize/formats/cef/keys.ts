/** How a value is written, and for text its largest number of characters (OpenText's implementation standard v27). */
interface KeyRule {
  readonly characters: number;
  /** Custom keys carry their meaning in a label beside them. */
  readonly label?: string;
  /** Stays when a record must shrink. */
  readonly isKept?: true;
}

/** The longest that a number is in JavaScript. */
const NUMBER = 25;
const LONG = 1023;
const CUSTOM = 4000;

/** In the order in which they are written; each stands at most once. */
export const CEF_KEYS = {
  rt: { characters: NUMBER, isKept: true },
  start: { characters: NUMBER, isKept: true },
  end: { characters: NUMBER, isKept: true },
  cnt: { characters: NUMBER, isKept: true },
  externalId: { characters: 40, isKept: true },
  deviceExternalId: { characters: 255, isKept: true },
  dvchost: { characters: 100 },
  cat: { characters: LONG },
  act: { characters: 63 },
  deviceFacility: { characters: LONG },
  outcome: { characters: 63 },
  reason: { characters: LONG },
  src: { characters: 45 },
  c6a2: { characters: 45, label: 'Source IPv6 Address' },
  spt: { characters: NUMBER },
  dst: { characters: 45 },
  c6a3: { characters: 45, label: 'Destination IPv6 Address' },
  dpt: { characters: NUMBER },
  proto: { characters: 31 },
  deviceDirection: { characters: NUMBER },
  dhost: { characters: LONG },
  shost: { characters: LONG },
  suser: { characters: LONG },
  suid: { characters: LONG },
  spriv: { characters: LONG },
  requestMethod: { characters: LONG },
  destinationServiceName: { characters: LONG },
  requestClientApplication: { characters: LONG },
  request: { characters: LONG },
  sproc: { characters: LONG },
  spid: { characters: NUMBER },
  filePath: { characters: LONG },
  fileHash: { characters: 255 },
  cs1: { characters: CUSTOM, label: 'AWSAccountId', isKept: true },
  cs2: { characters: CUSTOM, label: 'AWSRegion', isKept: true },
  cs3: { characters: CUSTOM, label: 'FindingType', isKept: true },
  cs4: { characters: CUSTOM, label: 'FindingArn', isKept: true },
  cs5: { characters: CUSTOM, label: 'ResourceUid', isKept: true },
  cs6: { characters: CUSTOM, label: 'ResourceType', isKept: true },
  cfp1: { characters: NUMBER, label: 'GuardDutySeverity', isKept: true },
  cn1: { characters: NUMBER, label: 'RemoteASN' },
  cn2: { characters: NUMBER, label: 'TruncatedBytes', isKept: true },
  flexString1: { characters: LONG, label: 'AdminAccountId' },
  flexString2: { characters: LONG, label: 'Sample' },
  msg: { characters: LONG },
} as const satisfies Readonly<Record<string, KeyRule>>;

export type CefKey = keyof typeof CEF_KEYS;

/** What a record says, by key. */
export type CefFields = { readonly [Key in CefKey]?: string | number | undefined };

/** The parts of the header behind `CEF:0`. */
export interface CefHeader {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly classId: string;
  readonly name: string;
  /** 0 to 10. */
  readonly severity: number | 'Unknown';
}

export interface CefEvent {
  readonly header: CefHeader;
  readonly fields: CefFields;
}

export const KEY_ORDER: readonly (readonly [CefKey, KeyRule])[] = keysOf(CEF_KEYS).map((key) => [
  key,
  CEF_KEYS[key],
]);

function keysOf<K extends string>(rules: Readonly<Record<K, KeyRule>>): readonly K[] {
  const keys: K[] = [];
  for (const key in rules) keys.push(key);
  return keys;
}
