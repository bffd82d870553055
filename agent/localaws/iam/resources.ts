import { z } from 'zod';

import { checkProperties } from '../properties.ts';
import type { Place, Properties, Resource, ResourceHandler } from '../service.ts';
import { AwsError } from '../service.ts';
import type { Role, World } from '../world.ts';

const inlinePolicy = z.object({ PolicyName: z.string(), PolicyDocument: z.unknown() });

/** A permissions boundary is taken and has no effect. */
const roleProperties = z.object({
  RoleName: z.string().optional(),
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(inlinePolicy).default([]),
  ManagedPolicyArns: z.array(z.string()).default([]),
  MaxSessionDuration: z.coerce.number().optional(),
  Path: z.string().default('/'),
});

const policyProperties = inlinePolicy.extend({ Roles: z.array(z.string()).min(1) });

type Policies = Role['policies'];

/** The one managed policy that exists here. */
const ADMINISTRATOR = /^arn:[^:]+:iam::aws:policy\/AdministratorAccess$/;
const ALLOW_ALL = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

function managed(arn: string): readonly [string, unknown] {
  if (ADMINISTRATOR.test(arn)) return [arn, ALLOW_ALL];
  throw new AwsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`);
}

function shown({ name, arn }: Role): Resource {
  return { physicalId: name, attributes: { Arn: arn, RoleId: `AROA${name.toUpperCase()}` } };
}

/** `AWS::IAM::Role`. What `AWS::IAM::Policy` gave to a role stays with it when the role is updated. */
function roleHandler({ principals, accounts }: World): ResourceHandler {
  /** Names of the policies that stand in the properties of a role, by role ARN. */
  const own = new Map<string, ReadonlySet<string>>();

  function given({ arn, policies }: Role): Policies {
    return Object.fromEntries(Object.entries(policies).filter(([name]) => !own.get(arn)?.has(name)));
  }

  function put({ account }: Place, name: string, properties: Properties): Resource {
    const wanted = checkProperties(roleProperties, properties);
    const ownPolicies = Object.fromEntries([
      ...wanted.Policies.map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument]),
      ...wanted.ManagedPolicyArns.map(managed),
    ]);
    const known = principals.role(account, name);
    const role: Role = {
      account,
      name,
      arn: `arn:${accounts.partition(account)}:iam::${account}:role${wanted.Path}${name}`,
      trust: wanted.AssumeRolePolicyDocument,
      policies: { ...(known && given(known)), ...ownPolicies },
      ...(wanted.MaxSessionDuration !== undefined && { maxSessionSeconds: wanted.MaxSessionDuration }),
    };
    principals.putRole(role);
    own.set(role.arn, new Set(Object.keys(ownPolicies)));
    return shown(role);
  }

  function create(place: Place, properties: Properties, logicalId: string): Resource {
    const { RoleName: name = logicalId } = checkProperties(roleProperties, properties);
    if (principals.role(place.account, name)) {
      throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`);
    }
    return put(place, name, properties);
  }

  return {
    type: 'AWS::IAM::Role',
    create: async (place, properties, logicalId) => create(place, properties, logicalId),
    async update(place, physicalId, properties, logicalId) {
      const { RoleName: name = physicalId } = checkProperties(roleProperties, properties);
      return name === physicalId ? put(place, name, properties) : create(place, properties, logicalId);
    },
    delete: async ({ account }, physicalId) => principals.deleteRole(account, physicalId),
    async find({ account }, properties) {
      const { RoleName } = checkProperties(roleProperties, properties);
      const role = RoleName === undefined ? undefined : principals.role(account, RoleName);
      return role && shown(role);
    },
  };
}

/** `AWS::IAM::Policy`: an inline policy that several roles get. */
function policyHandler({ principals, nextId }: World): ResourceHandler {
  const attached = new Map<string, { readonly name: string; readonly roles: readonly string[] }>();

  function change(account: string, roleName: string, change: (policies: Policies) => Policies): void {
    const role = principals.role(account, roleName);
    if (!role) throw new AwsError('NoSuchEntity', `The role with name ${roleName} cannot be found.`);
    principals.putRole({ ...role, policies: change(role.policies) });
  }

  function attach({ account }: Place, physicalId: string, properties: Properties): Resource {
    const { PolicyName, PolicyDocument, Roles } = checkProperties(policyProperties, properties);
    for (const role of Roles) {
      change(account, role, (policies) => ({ ...policies, [PolicyName]: PolicyDocument }));
    }
    attached.set(physicalId, { name: PolicyName, roles: Roles });
    return { physicalId, attributes: { Id: physicalId } };
  }

  function detach({ account }: Place, physicalId: string): void {
    const { name = '', roles = [] } = attached.get(physicalId) ?? {};
    attached.delete(physicalId);
    for (const role of roles.filter((candidate) => principals.role(account, candidate))) {
      change(account, role, ({ [name]: _removed, ...others }) => others);
    }
  }

  return {
    type: 'AWS::IAM::Policy',
    create: async (place, properties, logicalId) =>
      attach(place, `${logicalId}-${nextId().slice(0, 8)}`, properties),
    async update(place, physicalId, properties) {
      detach(place, physicalId);
      return attach(place, physicalId, properties);
    },
    delete: async (place, physicalId) => detach(place, physicalId),
  };
}

/** What CloudFormation can make in IAM. */
export function iamResources(world: World): readonly ResourceHandler[] {
  return [roleHandler(world), policyHandler(world)];
}
