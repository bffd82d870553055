import type { Policy } from '../policy.ts';
import { isAllowed, parsePolicy } from '../policy.ts';
import { AwsError } from '../service.ts';
import type { World } from '../world.ts';

/** A policy as DescribeResourcePolicies shows it. */
export interface ResourcePolicy {
  readonly policyName: string;
  readonly policyDocument: string;
  readonly policyScope: 'ACCOUNT' | 'RESOURCE';
  readonly resourceArn?: string;
  readonly revisionId?: string;
  /** Epoch ms. */
  readonly lastUpdatedTime: number;
}

interface StoredPolicy {
  readonly shown: ResourcePolicy;
  readonly policy: Policy;
}

/** The resource policies of one account and region. */
export interface ResourcePolicies {
  /** For the whole account: at most 10. */
  putForAccount(policyName: string, document: string): ResourcePolicy;
  /** For one log group; one each. */
  putForGroup(groupArn: string, policyName: string, document: string): ResourcePolicy;
  deleteForAccount(policyName: string): void;
  deleteForGroup(groupArn: string): void;
  list(): readonly ResourcePolicy[];
  /** Whether EventBridge may write this rule's events into a stream of this group. */
  allowDelivery(groupArn: string, stream: string, ruleArn: string): boolean;
}

const MAX_ACCOUNT_POLICIES = 10;
const MAX_ACCOUNT_CHARACTERS = 5120;
const MAX_GROUP_CHARACTERS = 51_200;
/** EventBridge hands over to a delivery service; a policy must admit both (page `eb-use-resource-based`). */
const DELIVERERS = ['events.amazonaws.com', 'delivery.logs.amazonaws.com'];

function read(document: string, maxCharacters: number): Policy {
  if (document.length > maxCharacters) {
    throw new AwsError('LimitExceededException', `The policy is longer than ${maxCharacters} characters`);
  }
  return parsePolicy(document, 'InvalidParameterException');
}

/** No policies to begin with. */
export function createResourcePolicies({ clock, nextId }: World): ResourcePolicies {
  const ofAccount = new Map<string, StoredPolicy>();
  const ofGroup = new Map<string, StoredPolicy>();

  return {
    putForAccount(policyName, policyDocument) {
      const policy = read(policyDocument, MAX_ACCOUNT_CHARACTERS);
      if (!ofAccount.has(policyName) && ofAccount.size >= MAX_ACCOUNT_POLICIES) {
        throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
      }
      const shown = {
        policyName,
        policyDocument,
        policyScope: 'ACCOUNT',
        lastUpdatedTime: clock.now(),
      } as const;
      ofAccount.set(policyName, { shown, policy });
      return shown;
    },
    putForGroup(resourceArn, policyName, policyDocument) {
      const policy = read(policyDocument, MAX_GROUP_CHARACTERS);
      const lastUpdatedTime = clock.now();
      const scope = { policyScope: 'RESOURCE', resourceArn, revisionId: nextId() } as const;
      const shown = { policyName, policyDocument, ...scope, lastUpdatedTime };
      ofGroup.set(resourceArn, { shown, policy });
      return shown;
    },
    deleteForAccount(policyName) {
      if (ofAccount.delete(policyName)) return;
      throw new AwsError('ResourceNotFoundException', `Policy with name [${policyName}] does not exist`);
    },
    deleteForGroup: (groupArn) => void ofGroup.delete(groupArn),
    list: () => [...ofAccount.values(), ...ofGroup.values()].map(({ shown }) => shown),
    allowDelivery(groupArn, stream, ruleArn) {
      const stored = [...ofAccount.values(), ofGroup.get(groupArn)];
      const policies = stored.flatMap((candidate) => candidate?.policy ?? []);
      const resource = `${groupArn}:log-stream:${stream}`;
      // aws:SourceArn is known on PutLogEvents alone, so a condition on CreateLogStream never holds.
      const context = { 'aws:SourceArn': ruleArn };
      return DELIVERERS.map((service) => ({ principal: { service }, resource })).every(
        (request) =>
          isAllowed(policies, { ...request, action: 'logs:CreateLogStream' }) &&
          isAllowed(policies, { ...request, action: 'logs:PutLogEvents', context }),
      );
    },
  };
}
