import { generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';

import { configuration } from '../../agent/config/config.ts';
import { hashToken } from '../../agent/console/auth/secret-hash.ts';
import { isJsonObject, type JsonObject } from '../../agent/model/json.ts';
import { secretReference } from '../../agent/model/secret.ts';

/** Where the schema wants the reference to a secret. */
interface SecretPlace {
  /** `destinations`, `notify` or `customers`. */
  readonly list: string;
  /** Value of the nearest `type` on the way. */
  readonly kind: string;
  /** Below the entry of the list, such as `auth.basic.password`; a `[]` ends the name of a list. */
  readonly path: readonly string[];
  /** No entry of this kind can do without it. */
  readonly isRequired: boolean;
}

interface SchemaNode {
  readonly $ref?: string | undefined;
  readonly const?: unknown;
  readonly pattern?: string | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: SchemaNode | undefined;
  readonly oneOf?: readonly SchemaNode[] | undefined;
  readonly anyOf?: readonly SchemaNode[] | undefined;
  readonly allOf?: readonly SchemaNode[] | undefined;
  readonly additionalProperties?: SchemaNode | boolean | undefined;
}

const node: z.ZodType<SchemaNode> = z.lazy(() =>
  z.looseObject({
    $ref: z.string().optional(),
    const: z.unknown().optional(),
    pattern: z.string().optional(),
    properties: z.record(z.string(), node).optional(),
    required: z.array(z.string()).optional(),
    items: node.optional(),
    oneOf: z.array(node).optional(),
    anyOf: z.array(node).optional(),
    allOf: z.array(node).optional(),
    additionalProperties: z.union([z.boolean(), node]).optional(),
  }),
);
const REFERENCE = node.parse(z.toJSONSchema(secretReference)).pattern;

/** Every place of a secret in the schema of the configuration. */
export function secretPlaces(): readonly SecretPlace[] {
  const schema = z.toJSONSchema(configuration, { io: 'input', reused: 'inline' });
  const { properties = {} } = node.parse(schema);
  const places = Object.entries(properties).flatMap(([list, of]) =>
    found(of, []).map((place) => ({
      list,
      ...place,
      path: place.path.filter((name, at) => name !== '[]' || at > 0),
    })),
  );
  return [...new Map(places.map((place) => [nameOf(place), place])).values()];
}

function nameOf({ list, kind, path }: SecretPlace): string {
  return `${list}<${kind}>.${path.join('.')}`;
}

type Found = Omit<SecretPlace, 'list'>;

function found(of: SchemaNode, path: readonly string[]): readonly Found[] {
  if (of.pattern === REFERENCE) return [{ kind: '', path, isRequired: true }];
  const { properties = {}, required = [], items, additionalProperties: others } = of;
  const variants = [...(of.oneOf ?? []), ...(of.anyOf ?? []), ...(of.allOf ?? [])];
  const kind = properties.type?.const;
  const inner = [
    ...variants.flatMap((each) => found(each, path).map(optional)),
    ...Object.entries(properties).flatMap(([name, each]) => {
      const places = found(each, [...path, name]);
      return required.includes(name) ? places : places.map(optional);
    }),
    ...(items ? found(items, [...path, '[]']) : []),
    ...(typeof others === 'object' ? found(others, [...path, '*']).map(optional) : []),
  ];
  return typeof kind === 'string' ? inner.map((place) => ({ ...place, kind: place.kind || kind })) : inner;
}

/** What is required of an entry of its kind stays so, whatever stands around the entry. */
function optional(place: Found): Found {
  return place.kind === '' ? { ...place, isRequired: false } : place;
}

/** What stands behind a reference. */
export interface PlantedSecret {
  readonly place: string;
  /** `env:NAME`, or `file:/path`. */
  readonly reference: string;
  /** The whole secret. */
  readonly value: string;
  /** The parts of it that nobody may ever see. */
  readonly taints: readonly string[];
}

/** Entries of the lists of a configuration, with a secret in every place that the schema knows. */
export interface TaintedConfig {
  readonly lists: Readonly<Record<string, readonly JsonObject[]>>;
  readonly planted: readonly PlantedSecret[];
}

interface TaintOptions {
  /** What every URL points to. */
  readonly url: string;
  /** For those that stand in files. */
  readonly folder: string;
}

/** Lets its bearer in where the listener asks for a token. */
export const API_TOKEN = 'taint-token-of-the-command-line';

/** What an entry of a kind needs besides its secrets; `url` stands for the far side's address. */
const FRAMES: Readonly<Record<string, (url: string, path: SecretPlace['path']) => JsonObject>> = {
  'destinations.google-secops': (url) => ({
    ...{ project: 'p', location: 'us', instance: 'i', forwarder: 'f', url, tokenUrl: url },
  }),
  'destinations.sentinel': (url) => ({
    ...{ ruleId: 'dcr-1', stream: 'Custom-X_CL', tenantId: 't', clientId: 'c', url, authority: url },
  }),
  'destinations.elasticsearch': (url) => ({ url, index: 'i' }),
  'destinations.opensearch': (url) => ({ url, index: 'i' }),
  'notify.servicenow': (url, [first]) => ({
    ...{ url, ...(first === 'auth' ? {} : { auth: { bearer: 'env:OTHER_TOKEN' } }) },
  }),
  'notify.smtp': () => ({
    host: '127.0.0.1',
    port: 9,
    from: 'a@example.com',
    to: ['b@example.com'],
    username: 'u',
  }),
  'notify.sns': (url) => ({ topicArn: 'arn:aws:sns:us-east-1:111111111111:t', url }),
  'http.token': () => ({ auth: { type: 'token' } }),
  'http.basic': () => ({ auth: { type: 'basic' } }),
  'http.': () => ({}),
  'customers.keys': () => ({ auth: { type: 'keys' } }),
  'customers.assumeRole': () => ({
    auth: { type: 'assumeRole', roleArn: 'arn:aws:iam::111111111111:role/GuardRelayReader' },
  }),
};

/** What stands beside a secret, by the object that holds it. */
const COMPANIONS: Readonly<Record<string, (url: string) => JsonObject>> = {
  'auth.basic': () => ({ username: 'user' }),
  'auth.users': () => ({ name: 'ops', role: 'admin' }),
  role: () => ({ arn: 'arn:aws:iam::111111111111:role/GuardRelayReader' }),
  proxy: (url) => ({ url, username: 'user' }),
  search: (url) => ({ url }),
  'auth.sigv4': () => ({ region: 'us-east-1' }),
  'auth.sigv4.role': () => ({ arn: 'arn:aws:iam::111111111111:role/GuardRelayReader' }),
};

/** One entry for each secret that a kind may have, because many of them exclude each other. */
export function taintedConfig(options: TaintOptions): TaintedConfig {
  const places = secretPlaces();
  const planted: PlantedSecret[] = [];
  const plantIn = (entry: JsonObject, place: SecretPlace): JsonObject => {
    const secret = newSecret(place, planted.length, options);
    planted.push(secret);
    return withValue(entry, { place, value: secret.reference, url: options.url });
  };
  const entryOf = (place: SecretPlace, at: number): JsonObject => {
    const { list, kind } = place;
    const required = places.filter((each) => each.isRequired && each.list === list && each.kind === kind);
    const all = [...new Set([...required, place])];
    return all.reduce(plantIn, frameOf(place, { id: `${kind.toLowerCase()}-${at}`, url: options.url }));
  };
  const lists = Object.entries(Object.groupBy(places, ({ list }) => list)).map(([list, each = []]) => [
    list,
    each.map(entryOf),
  ]);
  return { lists: Object.fromEntries(lists), planted };
}

function frameOf({ list, kind, path }: SecretPlace, { id, url }: { id: string; url: string }): JsonObject {
  const frame = FRAMES[`${list}.${kind}`]?.(url, path) ?? { url };
  if (list === 'http') return frame;
  return list === 'customers' ? { id, ...frame } : { id, type: kind, ...frame, insecureTransport: true };
}

interface Setting {
  readonly place: SecretPlace;
  readonly value: string;
  readonly url: string;
}

function withValue(entry: JsonObject, setting: Setting, depth = 0): JsonObject {
  const [name = '', next] = setting.place.path.slice(depth);
  const isLast = depth === setting.place.path.length - 1;
  if (isLast) return { ...entry, [name]: setting.value };
  if (next === '[]' && depth + 2 === setting.place.path.length) return { ...entry, [name]: [setting.value] };
  const holder = setting.place.path.slice(0, depth + 1).join('.');
  const known = entry[name];
  const inner = { ...COMPANIONS[holder]?.(setting.url), ...(isJsonObject(known) ? known : {}) };
  if (next === '[]') return { ...entry, [name]: [withValue(inner, setting, depth + 2)] };
  return { ...entry, [name]: withValue(inner, setting, depth + 1) };
}

/** Every other one stands in a file. */
function newSecret(place: SecretPlace, at: number, { url, folder }: TaintOptions): PlantedSecret {
  const { value, taints } = secretFor(place.path.at(-1) ?? '', { taint: `taint${at}+q/"r=s7Kp`, url });
  const reference = at % 2 === 0 ? `env:TAINT_${at}` : `file:${folder}/taint-${at}`;
  return { place: nameOf(place), reference, value, taints };
}

function secretFor(option: string, { taint, url }: { readonly taint: string; readonly url: string }) {
  const plain = taint.replace('"', '-');
  if (option === 'externalId') return { value: plain, taints: [plain] };
  if (option.endsWith('Hash')) {
    const hash = hashToken(API_TOKEN);
    return { value: hash, taints: [hash.slice('sha256:'.length)] };
  }
  if (option === 'routingKey') {
    const key = taint.replaceAll(/\W/g, '').padEnd(32, 'k');
    return { value: key, taints: [key] };
  }
  const part = plain.replace('/', '.');
  if (option === 'url') return { value: `${url}/hook/${part}`, taints: [part] };
  if (option !== 'serviceAccount') return { value: taint, taints: [taint] };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const account = { client_email: 'relay@example.com', private_key: key };
  return { value: JSON.stringify(account), taints: key.split('\n').slice(1, -2) };
}
