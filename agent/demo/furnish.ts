import { addStackSetRoles } from '../localaws/cloudformation/stack-set/roles.ts';
import type { LocalAws } from '../localaws/server.ts';
import type { Place } from '../localaws/service.ts';
import type { Keys, World } from '../localaws/world.ts';
import { BROKEN, CUSTOMERS, type DemoCustomer, MEMBER, RELAY_ACCOUNT } from './scene.ts';

/** Who acts in the demo. */
export interface Cast {
  readonly relay: Keys;
  readonly relayArn: string;
  /** A person in the customer's account who may deploy. */
  deployer(customer: DemoCustomer): Keys;
}

/** Opens the accounts, with what AWS wants to be there before a StackSet is deployed, and what events come from. */
export function furnish(aws: LocalAws): Cast {
  const { world } = aws;
  world.accounts.add({ id: RELAY_ACCOUNT });
  const deployers = new Map<string, Keys>();
  for (const customer of CUSTOMERS) {
    const { id, account } = customer;
    world.accounts.add({ id: account });
    deployers.set(id, world.principals.addUser(account, 'deployer'));
    addStackSetRoles(world, account, [account]);
    watch(aws, customer);
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

/** GuardDuty in every region that is collected, and a trail of what is changed there. */
function watch(aws: LocalAws, { account, regions, topology }: DemoCustomer): void {
  const { guardDuty, trails } = aws;
  for (const region of regions) {
    const place = { account, region, partition: 'aws' };
    guardDuty.detectors.create(place, { frequency: 'FIFTEEN_MINUTES' });
    if (topology === 'organization') guardDuty.administration.delegate(place, 'ALL');
    if (topology === 'administrator') join(aws, place);
  }
  trails.add({
    ...{ name: 'management', account, homeRegion: 'us-east-1', isMultiRegion: true, isLogging: true },
    eventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }],
  });
}

/** The member account, invited and accepted. */
function join({ world, guardDuty: { detectors, members } }: LocalAws, administrator: Place): void {
  const { account, email } = MEMBER;
  if (!world.accounts.has(account)) world.accounts.add({ id: account, email });
  detectors.create({ ...administrator, account }, {});
  members.create(administrator, account, email);
  members.invite(administrator, account);
  members.mark(administrator, account, 'Enabled');
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
