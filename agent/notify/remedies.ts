import type { ErrorCode } from '../model/error.ts';
import { commonPlace, nextStep, only, type Place } from '../model/next-step.ts';
import type { Condition } from './condition.ts';
import type { LastingType } from './event-types.ts';

/** By code, or by the group of a code. */
const LIKELY: Readonly<Partial<Record<string, string>>> = {
  'SRC-001': 'a rule, its target, or the policy of the log group does not pass events on',
  'SRC-002': 'the agent does not come round to it, or AWS does not answer',
  'GD-001': 'somebody has switched GuardDuty off in the region',
  'EB-001': 'somebody has disabled, deleted or changed a rule',
  'EB-002': 'somebody has removed or changed the target of a rule',
  'EB-004': 'somebody has disabled, deleted or changed the heartbeat rule',
  'LOG-001': 'somebody has deleted the log group',
  'LOG-003': 'the policy that lets EventBridge write to the log group was removed',
  'REG-001': 'the region was disabled in the account',
  'NET-001': 'network, DNS or a proxy between the agent and AWS',
  'DST-003': 'the certificate of the destination, or the way to it',
  'DST-004': 'the token or password has expired or was changed',
  'REG-003': 'the region was enabled after the last deploy, or nothing was deployed yet',
  'CFN-004': 'guardrelay or its configuration is newer than the stack',
  'AUTH-004': 'nobody has rotated it',
  'MEM-001': 'nobody in the account has accepted the invitation',
  'MEM-002': 'the administrator has paused it',
  'MEM-003': 'the list of accounts has another address than its root user',
  'MEM-004': 'somebody in the account or its administrator has ended it',
  AUTH: 'role, ExternalId or access key were changed',
  DST: 'the destination is down, or the way to it',
};

interface Remedy {
  readonly likely: string;
  readonly command: string;
}

interface Subject extends Place {
  readonly subject: string | undefined;
}

/** These are told more by what they are than by their code. */
const BY_TYPE: Readonly<Partial<Record<LastingType, (of: Subject) => Remedy>>> = {
  'retention.risk': (place) => ({
    likely: 'the destination, or the reading, is down for too long',
    command: nextStep('SRC-005', place),
  }),
  'destination.quarantined': ({ destination }) => ({
    likely: 'records that the destination does not take as they are',
    command: `guardrelay quarantine list${destination === undefined ? '' : ` --dest ${destination}`}`,
  }),
  'config.invalid': () => ({
    likely: 'the last change of the configuration file',
    command: 'guardrelay validate',
  }),
  'agent.many-sources': () => ({
    likely: 'the agent itself: its network, its AWS credentials, its clock',
    command: 'guardrelay doctor',
  }),
  'notify.channel-failing': ({ subject = '' }) => ({
    likely: 'its address, its secret, or the service behind it',
    command: `guardrelay notify test ${subject}`.trimEnd(),
  }),
};

/** What is probably behind it, and what to run first. */
export function remedyOf(
  { type, code }: Pick<Condition, 'type' | 'code'>,
  conditions: readonly Condition[],
): Partial<Remedy> & Pick<Remedy, 'command'> {
  const place = commonPlace(conditions.flatMap(placesOf));
  const special = BY_TYPE[type]?.({ ...place, subject: only(conditions.map(({ subject }) => subject)) });
  if (special) return special;
  const likely = likelyBehind(code);
  return { ...(likely !== undefined && { likely }), command: nextStep(code, place) };
}

function likelyBehind(code: ErrorCode): string | undefined {
  return LIKELY[code] ?? LIKELY[code.replace(/-\d+$/, '')];
}

function placesOf({ customers, account, region, destination }: Condition): readonly Place[] {
  const place = { account: account?.id, region, destination };
  if (customers.length === 0) return [place];
  return customers.map(({ id }) => ({ ...place, customer: id }));
}
