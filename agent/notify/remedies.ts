import type { ErrorCode } from '../model/error.ts';
import type { Condition } from './condition.ts';
import type { LastingType } from './event-types.ts';

/** Where the cause of a group of conditions lies. Undefined: in several. */
interface Place {
  readonly customer?: string | undefined;
  readonly region?: string | undefined;
  readonly destination?: string | undefined;
  readonly subject?: string | undefined;
}

interface Remedy {
  readonly likely: string;
  command(place: Place): string;
}

const doctor = ({ customer, region }: Place, ...more: readonly string[]): string =>
  [
    'guardrelay doctor',
    ...(customer === undefined ? [] : [`--customer ${customer}`]),
    ...(region === undefined ? [] : [`--region ${region}`]),
    ...more,
  ].join(' ');
const examine = (place: Place): string => doctor(place);
const repair = (place: Place): string => doctor(place, '--fix');
const tryOut = ({ destination }: Place): string =>
  ['guardrelay destinations test', ...(destination === undefined ? [] : [destination])].join(' ');
const status = ({ customer }: Place): string =>
  ['guardrelay status', ...(customer === undefined ? [] : [`--customer ${customer}`])].join(' ');
const accounts = ({ customer }: Place): string =>
  ['guardrelay accounts status', ...(customer === undefined ? [] : [`--customer ${customer}`])].join(' ');

const REMEDIES: Readonly<Partial<Record<ErrorCode, Remedy>>> = {
  'SRC-001': {
    likely: 'a rule, its target, or the policy of the log group does not pass events on',
    command: examine,
  },
  'SRC-002': { likely: 'the agent does not come round to it, or AWS does not answer', command: status },
  'GD-001': { likely: 'somebody has switched GuardDuty off in the region', command: repair },
  'EB-001': { likely: 'somebody has disabled, deleted or changed a rule', command: repair },
  'EB-002': { likely: 'somebody has removed or changed the target of a rule', command: repair },
  'EB-004': { likely: 'somebody has disabled, deleted or changed the heartbeat rule', command: repair },
  'LOG-001': { likely: 'somebody has deleted the log group', command: repair },
  'LOG-003': {
    likely: 'the policy that lets EventBridge write to the log group was removed',
    command: repair,
  },
  'REG-001': { likely: 'the region was disabled in the account', command: examine },
  'NET-001': { likely: 'network, DNS or a proxy between the agent and AWS', command: examine },
  'DST-003': { likely: 'the certificate of the destination, or the way to it', command: tryOut },
  'DST-004': { likely: 'the token or password has expired or was changed', command: tryOut },
  'MEM-001': { likely: 'nobody in the account has accepted the invitation', command: accounts },
  'MEM-002': { likely: 'the administrator has paused it', command: accounts },
  'MEM-003': { likely: 'the list of accounts has another address than its root user', command: accounts },
  'MEM-004': { likely: 'somebody in the account or its administrator has ended it', command: accounts },
};

/** These are told more by what they are than by their code. */
const BY_TYPE: Readonly<Partial<Record<LastingType, Remedy>>> = {
  'retention.risk': { likely: 'the destination, or the reading, is down for too long', command: tryOut },
  'destination.quarantined': {
    likely: 'records that the destination does not take as they are',
    command: ({ destination }) =>
      ['guardrelay quarantine list', ...(destination === undefined ? [] : [`--dest ${destination}`])].join(
        ' ',
      ),
  },
  'config.invalid': {
    likely: 'the last change of the configuration file',
    command: () => 'guardrelay validate',
  },
  'agent.many-sources': {
    likely: 'the agent itself: its network, its AWS credentials, its clock',
    command: () => 'guardrelay doctor',
  },
  'notify.channel-failing': {
    likely: 'its address, its secret, or the service behind it',
    command: ({ subject }) => `guardrelay notify test ${subject ?? ''}`.trimEnd(),
  },
};

const BY_GROUP: Readonly<Record<string, Remedy>> = {
  AUTH: { likely: 'role, ExternalId or access key were changed', command: examine },
  DST: { likely: 'the destination is down, or the way to it', command: tryOut },
};

const UNKNOWN: Remedy = { likely: '', command: examine };

/** What is probably behind it, and what to run first. */
export function remedyOf(
  { type, code }: Pick<Condition, 'type' | 'code'>,
  conditions: readonly Condition[],
): { readonly likely?: string; readonly command: string } {
  const { likely, command } =
    BY_TYPE[type] ?? REMEDIES[code] ?? BY_GROUP[code.replace(/-\d+$/, '')] ?? UNKNOWN;
  const place: Place = {
    customer: only(conditions.flatMap(({ customers }) => customers.map(({ id }) => id))),
    region: only(conditions.map(({ region }) => region)),
    destination: only(conditions.map(({ destination }) => destination)),
    subject: only(conditions.map(({ subject }) => subject)),
  };
  return { ...(likely !== '' && { likely }), command: command(place) };
}

/** The value that all share. */
function only<T>(values: readonly T[]): T | undefined {
  const [first, ...others] = new Set(values);
  return others.length === 0 ? first : undefined;
}
