import type { Place } from '../service.ts';
import { AwsError } from '../service.ts';
import type { LogGroup } from './groups.ts';
import type { Logs } from './logs.ts';

/** How a request names a log group. */
export interface GroupReference {
  readonly logGroupName?: string | undefined;
  readonly logGroupIdentifier?: string | undefined;
}

function refused(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

/** The group of `logGroupName` or `logGroupIdentifier` (a name or an ARN without `:*`); exactly one must be there. */
export function namedGroup(logs: Logs, place: Place, reference: GroupReference): LogGroup {
  const { logGroupName, logGroupIdentifier } = reference;
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw refused('Give either logGroupName or logGroupIdentifier, and not both.');
  }
  const groups = logs.groups(place);
  if (logGroupName !== undefined) return groups.get(logGroupName);
  const identifier = logGroupIdentifier ?? '';
  if (!/^[\w#+=/:,.@-]{1,2048}$/.test(identifier)) {
    throw refused(`Value '${identifier}' at 'logGroupIdentifier' must match [\\w#+=/:,.@-]*`);
  }
  if (!identifier.startsWith('arn:')) return groups.get(identifier);
  const group = groups.get(identifier.split(':').slice(6).join(':'));
  // A group of another account would be read through cross-account observability, which localaws does not have.
  if (group.arn !== identifier) {
    throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
  }
  return group;
}
