import type { Place } from '../service.ts';
import { AwsError } from '../service.ts';
import type { World } from '../world.ts';
import type { Rows } from './rows.ts';
import { createRows } from './rows.ts';

export const LOG_CLASSES = ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY', 'ESSENTIALS'] as const;
type LogClass = (typeof LOG_CLASSES)[number];

const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export interface LogStream {
  readonly name: string;
  readonly creationTime: number;
  firstEventTimestamp?: number;
  lastEventTimestamp?: number;
  lastIngestionTime?: number;
}

export interface LogGroup {
  readonly name: string;
  /** Without the `:*` that some answers add. */
  readonly arn: string;
  readonly logClass: LogClass;
  readonly kmsKeyId?: string;
  readonly creationTime: number;
  /** Unique to this group, not to its name. */
  readonly generation: string;
  retentionInDays?: number;
  deletionProtected: boolean;
  readonly tags: Map<string, string>;
  readonly streams: Map<string, LogStream>;
  readonly rows: Rows;
  /** Events ever written. */
  written: number;
}

interface LogGroupSpec {
  readonly name: string;
  readonly logClass?: LogClass | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly retentionInDays?: number | undefined;
}

/** The log groups of one account and region. */
export interface LogGroups {
  create(spec: LogGroupSpec): LogGroup;
  /** Throws where the group is protected from it. */
  delete(name: string): void;
  find(name: string): LogGroup | undefined;
  /** Throws ResourceNotFoundException. */
  get(name: string): LogGroup;
  /** By name. */
  list(): readonly LogGroup[];
  retain(name: string, days: number | undefined): void;
  createStream(group: LogGroup, name: string): LogStream;
}

function refused(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

function alreadyExists(what: 'group' | 'stream'): AwsError {
  return new AwsError('ResourceAlreadyExistsException', `The specified log ${what} already exists`);
}

function checkName(name: string): void {
  if (!/^[._/#A-Za-z0-9-]{1,512}$/.test(name)) {
    throw refused(
      `Value '${name}' at 'logGroupName' must match [\\.\\-_/#A-Za-z0-9]+ and have 1 to 512 characters`,
    );
  }
  if (name.startsWith('aws/')) throw refused('Log groups starting with AWS/ are reserved for AWS.');
}

function checkRetention(days: number | undefined): void {
  if (days === undefined || RETENTION_DAYS.includes(days)) return;
  throw refused(`Value ${days} at 'retentionInDays' must be one of ${RETENTION_DAYS.join(', ')}`);
}

function checkStreamName(name: string): void {
  if (!/^[^:*]{1,512}$/.test(name)) throw refused(`Value '${name}' at 'logStreamName' must match [^:*]*`);
}

function groupOf(
  { partition, region, account }: Place,
  spec: LogGroupSpec,
  { clock, nextId }: World,
): LogGroup {
  const { name, logClass = 'STANDARD', kmsKeyId, retentionInDays } = spec;
  return {
    name,
    arn: `arn:${partition}:logs:${region}:${account}:log-group:${name}`,
    logClass,
    ...(kmsKeyId !== undefined && { kmsKeyId }),
    creationTime: clock.now(),
    generation: nextId(),
    ...(retentionInDays !== undefined && { retentionInDays }),
    deletionProtected: false,
    tags: new Map(),
    streams: new Map(),
    rows: createRows(),
    written: 0,
  };
}

/** No groups to begin with. */
export function createLogGroups(place: Place, world: World): LogGroups {
  const groups = new Map<string, LogGroup>();

  function get(name: string): LogGroup {
    const group = groups.get(name);
    if (!group) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  }

  return {
    create(spec) {
      checkName(spec.name);
      checkRetention(spec.retentionInDays);
      if (groups.has(spec.name)) throw alreadyExists('group');
      const group = groupOf(place, spec, world);
      groups.set(spec.name, group);
      return group;
    },
    delete(name) {
      if (get(name).deletionProtected) {
        throw new AwsError('ValidationException', `Deletion protection is enabled for log group ${name}.`);
      }
      groups.delete(name);
    },
    find: (name) => groups.get(name),
    get,
    list: () => [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    retain(name, days) {
      const group = get(name);
      checkRetention(days);
      if (days === undefined) delete group.retentionInDays;
      else group.retentionInDays = days;
    },
    createStream(group, name) {
      checkStreamName(name);
      if (group.streams.has(name)) throw alreadyExists('stream');
      const stream: LogStream = { name, creationTime: world.clock.now() };
      group.streams.set(name, stream);
      return stream;
    },
  };
}
