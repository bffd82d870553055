import type { Keys, World } from '../localaws/world.ts';
import { BROKEN, CUSTOMERS, type DemoCustomer, RELAY_ACCOUNT } from './scene.ts';

/** Who acts in the demo. */
export interface Cast {
  readonly relay: Keys;
  readonly relayArn: string;
  /** A person in the customer's account who may deploy. */
  deployer(customer: DemoCustomer): Keys;
}

const ADMINISTRATION_ROLE = 'AWSCloudFormationStackSetAdministrationRole';
const EXECUTION_ROLE = 'AWSCloudFormationStackSetExecutionRole';

/** Opens the accounts, with what AWS wants to be there before a StackSet is deployed. */
export function furnish(world: World): Cast {
  world.accounts.add({ id: RELAY_ACCOUNT });
  const deployers = new Map<string, Keys>();
  for (const { id, account } of CUSTOMERS) {
    world.accounts.add({ id: account });
    deployers.set(id, world.principals.addUser(account, 'deployer'));
    addStackSetRoles(world, account);
  }
  return {
    relay: world.principals.addUser(RELAY_ACCOUNT, 'guardrelay'),
    relayArn: `arn:aws:iam::${RELAY_ACCOUNT}:user/guardrelay`,
    deployer({ id }) {
      const keys = deployers.get(id);
      if (!keys) throw new Error(`the demo has no customer ${id}`);
      return keys;
    },
  };
}

function addStackSetRoles(world: World, account: string): void {
  const administrationArn = `arn:aws:iam::${account}:role/${ADMINISTRATION_ROLE}`;
  world.principals.putRole({
    ...{ account, name: ADMINISTRATION_ROLE, arn: administrationArn },
    trust: trustOf({ Service: 'cloudformation.amazonaws.com' }),
    policies: { assume: allow('sts:AssumeRole') },
  });
  world.principals.putRole({
    ...{ account, name: EXECUTION_ROLE, arn: `arn:aws:iam::${account}:role/${EXECUTION_ROLE}` },
    trust: trustOf({ AWS: administrationArn }),
    policies: { deploy: allow('*') },
  });
}

function trustOf(principal: Readonly<Record<string, string>>): unknown {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  };
}

function allow(action: string): unknown {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] };
}

/** From now on one region refuses to be read, as a service control policy would have it. */
export function breakRegion(world: World): void {
  world.faults.add({
    ...BROKEN,
    service: 'logs',
    effect: {
      kind: 'error',
      code: 'AccessDeniedException',
      message:
        'User is not authorized to perform: logs:FilterLogEvents with an explicit deny in a service control policy',
    },
  });
}
