import { customerRequest } from '../../deploy/customer-request.ts';
import { remarkDetectors } from '../../deploy/detectors.ts';
import type { DeployRequest } from '../../deploy/request.ts';
import type { Visit } from './deployer.ts';
import { readerRoleFor } from './reader-role.ts';

/** What was asked for beyond the configuration. */
export interface DeployWishes {
  readonly roleArn?: string | undefined;
  /** The reader role is wanted too, for this relay: ARN of its role or user. */
  readonly readerRole?: string | undefined;
  /** Nothing new is made. */
  readonly existingOnly?: boolean;
}

/** What shall stand in the accounts of a customer, and the part of it that is wanted now. */
export async function wishedRequest(
  visit: Visit,
  { roleArn, readerRole, existingOnly = false }: DeployWishes,
): Promise<DeployRequest> {
  const { customer, selects } = visit;
  const request = await customerRequest(customer, {
    ...visit,
    ...(roleArn !== undefined && { roleArn }),
    ...(readerRole !== undefined && { readerRole: await readerRoleFor(customer, readerRole) }),
  });
  const remarks = customer.collect.findings ? await remarksOn(visit) : new Map();
  return { ...request, remarks, narrowing: { existingOnly, ...(selects && { selects }) } };
}

function remarksOn({ targets, context, ...visit }: Visit): Promise<ReadonlyMap<string, string>> {
  const places = targets.filter(({ off }) => off === undefined);
  return remarkDetectors(places, { ...visit, signal: context.signal });
}
