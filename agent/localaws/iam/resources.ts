import { z } from 'zod';

import { namedResourceHandler } from '../named-resource.ts';
import { checkProperties } from '../properties.ts';
import type { Place, Properties, Resource, ResourceHandler } from '../service.ts';
import { AwsError } from '../service.ts';
import type { Role, World } from '../world.ts';

const inlinePolicy = z.object({ PolicyName: z.string(), PolicyDocument: z.unknown() });

/** A permissions boundary is taken and has no effect. */
const roleProperties = z.object({
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

type WantedRole = z.output<typeof roleProperties>;

/** The policies that stand in a role's own properties, by name. */
function ownPolicies({ Policies, ManagedPolicyArns }: WantedRole): Policies {
  const inline = Policies.map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument] as const);
  return Object.fromEntries([...inline, ...ManagedPolicyArns.map(managed)]);
}

/** What `AWS::IAM::Policy` gave to a role stays with it when the role is updated. */
function roleHandler({ principals, accounts }: World): ResourceHandler {
  /** Names of a role's own policies, by its ARN. */
  const own = new Map<string, ReadonlySet<string>>();

  function given({ arn, policies }: Role): Policies {
    return Object.fromEntries(Object.entries(policies).filter(([name]) => !own.get(arn)?.has(name)));
  }

  return namedResourceHandler({
    type: 'AWS::IAM::Role',
    nameProperty: 'RoleName',
    find({ account }, name) {
      const role = principals.role(account, name);
      return role && shown(role);
    },
    put({ account }, name, properties) {
      const wanted = checkProperties(roleProperties, properties);
      const known = principals.role(account, name);
      const policies = ownPolicies(wanted);
      const role: Role = {
        account,
        name,
        arn: `arn:${accounts.partition(account)}:iam::${account}:role${wanted.Path}${name}`,
        trust: wanted.AssumeRolePolicyDocument,
        policies: { ...(known && given(known)), ...policies },
        ...(wanted.MaxSessionDuration !== undefined && { maxSessionSeconds: wanted.MaxSessionDuration }),
      };
      principals.putRole(role);
      own.set(role.arn, new Set(Object.keys(policies)));
      return shown(role);
    },
    remove: ({ account }, name) => principals.deleteRole(account, name),
  });
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
