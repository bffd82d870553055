import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';

/** Deeper than any finding; what is below stays as it is. */
const MAX_DEPTH = 64;

/** The members whose wire name is not their SDK name with a small first letter, by the wire name around them. */
const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  account: { Name: 'account' },
  ec2Instance: { IamInstanceProfile: 'IamInstanceProfile' },
  kubernetesApiCallAction: { SourceIps: 'sourceIPs' },
  kubernetesWorkload: { KubernetesResourcesTypes: 'type' },
  location: { Latitude: 'lat', Longitude: 'lon' },
  productCodes: { Code: 'productCodeId', ProductType: 'productCodeType' },
  rdsLoginAttemptAction: { LoginAttributes: 'LoginAttributes' },
  taskDetails: { TaskCreatedAt: 'createdAt' },
};

/** Maps: so many levels of keys below them are customer's words, not names. */
const MAP_LEVELS: Readonly<Record<string, number>> = { affectedResources: 1, profiles: 2, behavior: 2 };

interface Position {
  /** Wire name of the nearest member around. */
  readonly parent: string;
  readonly mapLevels: number;
  readonly depth: number;
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function wireName(name: string, parent: string): string {
  return own(own(EXCEPTIONS, parent) ?? {}, name) ?? name.charAt(0).toLowerCase() + name.slice(1);
}

function renameMembers(value: JsonObject, { parent, mapLevels, depth }: Position): JsonObject {
  // Without a prototype, a key such as __proto__ is a key like any other.
  const renamed: Record<string, JsonValue | undefined> = Object.create(null);
  for (const [key, member] of Object.entries(value)) {
    const name = mapLevels > 0 ? key : wireName(key, parent);
    const below = mapLevels > 0 ? mapLevels - 1 : (own(MAP_LEVELS, name) ?? 0);
    renamed[name] = rename(member, { parent: name, mapLevels: below, depth: depth + 1 });
  }
  return renamed;
}

function rename(value: JsonValue | undefined, position: Position): JsonValue | undefined {
  if (position.depth > MAX_DEPTH) return value;
  if (isJsonObject(value)) return renameMembers(value, position);
  if (!Array.isArray(value)) return value;
  const inside = { ...position, depth: position.depth + 1 };
  return value.map((entry: JsonValue) => rename(entry, inside) ?? null);
}

/** A finding in the names of the SDKs (AccountId) as it is on the wire (accountId). */
export function toWireNames(finding: JsonObject): JsonObject {
  return renameMembers(finding, { parent: '', mapLevels: 0, depth: 0 });
}
