import type { Policy } from './policy.ts';
import { isAllowed, parsePolicy } from './policy.ts';
import type { Caller } from './service.ts';
import { AwsError } from './service.ts';
import type { AssumeRequest, Role } from './world.ts';

interface StoredRole {
  readonly role: Role;
  readonly trust: Policy;
  readonly policies: readonly Policy[];
}

/** The IAM roles of all accounts. */
export interface Roles {
  put(role: Role): void;
  delete(account: string, name: string): void;
  get(account: string, name: string): Role | undefined;
  policies(account: string, name: string): readonly Policy[];
  /** The role, if its trust policy lets the caller in for this many seconds; throws what STS answers if not. */
  admit(caller: Caller, request: AssumeRequest): Role;
}

export const SESSION_ARN = /:assumed-role\/(?<roleName>[^/]+)\//;

const DEFAULT_MAX_SECONDS = 3600;
const CHAINED_MAX_SECONDS = 3600;

/** Page "Request temporary security credentials": 900 to 43,200 s, and 1 h when a role assumes a role. */
function checkDuration(caller: Caller, { durationSeconds }: AssumeRequest, role: Role): void {
  const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
  if (durationSeconds < 900 || durationSeconds > 43_200) {
    throw invalid(`Value ${durationSeconds} at 'durationSeconds' must be between 900 and 43200`);
  }
  if (SESSION_ARN.test(caller.arn) && durationSeconds > CHAINED_MAX_SECONDS) {
    throw invalid(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  if (durationSeconds > (role.maxSessionSeconds ?? DEFAULT_MAX_SECONDS)) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}

function trusts(
  { role, trust }: StoredRole,
  caller: Caller,
  { roleArn, externalId }: AssumeRequest,
): boolean {
  return (
    role.arn === roleArn &&
    isAllowed([trust], {
      action: 'sts:AssumeRole',
      principal: { arn: caller.arn },
      context: externalId === undefined ? {} : { 'sts:ExternalId': externalId },
    })
  );
}

/** No roles to begin with. */
export function createRoles(): Roles {
  const roles = new Map<string, StoredRole>();
  const key = (account: string, name: string): string => `${account}/${name}`;

  return {
    put(role) {
      const policies = Object.values(role.policies).map((policy) => parsePolicy(policy));
      roles.set(key(role.account, role.name), { role, trust: parsePolicy(role.trust), policies });
    },
    delete: (account, name) => void roles.delete(key(account, name)),
    get: (account, name) => roles.get(key(account, name))?.role,
    policies: (account, name) => roles.get(key(account, name))?.policies ?? [],
    admit(caller, request) {
      const [, , , , account = '', path = ''] = request.roleArn.split(':');
      const stored = roles.get(key(account, path.split('/').at(-1) ?? ''));
      if (!stored || !trusts(stored, caller, request)) {
        const refusal = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${request.roleArn}`;
        throw new AwsError('AccessDeniedException', refusal, 403);
      }
      checkDuration(caller, request, stored.role);
      return stored.role;
    },
  };
}
