import type { PolicyName, PolicyScope } from './policies.ts';

const TRUSTED = ['reader', 'stackset-administration', 'stackset-execution'] as const;

/** Roles that somebody assumes; the other policies go to principals that exist already. */
export type TrustName = (typeof TRUSTED)[number];

export function isTrustName(name: PolicyName): name is TrustName {
  return TRUSTED.some((trusted) => trusted === name);
}

export interface TrustScope extends Pick<PolicyScope, 'partition' | 'account' | 'stackName'> {
  /** ARN of who may assume the role; the administration role trusts a service instead. */
  readonly principal: string;
  /** Regions that are off by default: CloudFormation calls from each as a principal of its own. */
  readonly optInRegions: readonly string[];
}

/** Cannot be an ExternalId, so that nobody assumes a role in which it was forgotten. */
const EXTERNAL_ID = '<ExternalId of the customer>';

interface Trust {
  readonly Sid: string;
  readonly Principal: Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Who may assume a role, as IAM takes it. */
export function trustPolicy(name: TrustName, scope: TrustScope) {
  const { Sid, Principal, Condition } = trust(name, scope);
  const statement = {
    Sid,
    Effect: 'Allow',
    Principal,
    Action: 'sts:AssumeRole',
    ...(Condition && { Condition }),
  };
  return { Version: '2012-10-17', Statement: [statement] };
}

function trust(name: TrustName, scope: TrustScope): Trust {
  switch (name) {
    case 'reader':
      return {
        Sid: 'GuardRelay',
        Principal: { AWS: scope.principal },
        Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
      };
    case 'stackset-administration':
      return administrationTrust(scope);
    case 'stackset-execution':
      return { Sid: 'AdministrationRole', Principal: { AWS: scope.principal } };
  }
}

function administrationTrust({ partition, account, stackName, optInRegions }: TrustScope): Trust {
  return {
    Sid: 'StackSets',
    Principal: { Service: cloudFormationPrincipals(optInRegions) },
    Condition: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudformation:*:${account}:stackset/${stackName}*` },
    },
  };
}

/** As whom CloudFormation asks: everywhere, and from each region that is off by default. */
export function cloudFormationPrincipals(optInRegions: readonly string[]): readonly string[] {
  const hosts = ['cloudformation', ...optInRegions.map((region) => `cloudformation.${region}`)];
  return hosts.map((host) => `${host}.amazonaws.com`);
}
