import { changeSetOperations } from '../cloudformation/stack/change-set-operations.ts';
import { driftOperations } from '../cloudformation/stack/drift-operations.ts';
import { createStackEngine } from '../cloudformation/stack/engine.ts';
import { stackOperations } from '../cloudformation/stack/stack-operations.ts';
import { stackReads } from '../cloudformation/stack/stack-reads.ts';
import { setDriftOperations } from '../cloudformation/stack-set/drift-operations.ts';
import { instanceOperations } from '../cloudformation/stack-set/instance-operations.ts';
import { organizationAccessOperations } from '../cloudformation/stack-set/organization-access-operations.ts';
import { stackSetResource } from '../cloudformation/stack-set/resource.ts';
import { createSetEngine } from '../cloudformation/stack-set/set-engine.ts';
import { setOperations } from '../cloudformation/stack-set/set-operations.ts';
import { setReads } from '../cloudformation/stack-set/set-reads.ts';
import { answering } from '../operation.ts';
import type { Objects } from '../s3/objects.ts';
import type { Access, Call, ResourceHandler, Service } from '../service.ts';
import type { World } from '../world.ts';

/** How long one operation on a stack takes, by the clock. */
const STACK_MS = 200;

/** Stacks and sets are allowed by an ARN that names them (Service Authorization Reference). */
function accessTo({ input, caller }: Call): readonly Access[] {
  const { StackName, StackSetName } = input;
  const prefix = `arn:${caller.partition}:cloudformation:${caller.region}:${caller.account}`;
  if (typeof StackSetName === 'string') return [{ resource: `${prefix}:stackset/${StackSetName}:*` }];
  if (typeof StackName !== 'string') return [{}];
  return [{ resource: StackName.startsWith('arn:') ? StackName : `${prefix}:stack/${StackName}/*` }];
}

/** CloudFormation: stacks, change sets and StackSets that make what the handlers can make. */
export function createCloudFormationService(
  world: World,
  { handlers: others, objects }: { readonly handlers: readonly ResourceHandler[]; readonly objects: Objects },
): Service {
  const ending = new AbortController();
  const { signal } = ending;
  const stackSets = stackSetResource({ handle: (call) => service.handle(call), clock: world.clock, signal });
  const handlers = [...others, stackSets];
  const stacks = createStackEngine({ world, handlers, objects, stackMs: STACK_MS, signal });
  const sets = createSetEngine(world, stacks, signal);
  const service: Service = {
    signingName: 'cloudformation',
    protocol: 'query',
    wireName: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    access: accessTo,
    resources: [stackSets],
    handle: answering({
      ...stackOperations(stacks),
      ...stackReads(stacks),
      ...changeSetOperations(stacks),
      ...driftOperations(stacks, world),
      ...setOperations(sets),
      ...instanceOperations(sets),
      ...setReads(sets),
      ...organizationAccessOperations(world),
      ...setDriftOperations(sets),
    }),
    close: () => ending.abort(),
  };
  return service;
}
