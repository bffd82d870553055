import { z } from 'zod';
import type { Operation } from '../../operation.ts';
import { operationsRefusing } from '../../operation.ts';
import type { Caller } from '../../service.ts';
import { AwsError } from '../../service.ts';
import { flag, requestToken, source, stackName } from '../input.ts';
import { invalid } from '../invalid.ts';
import { callAs, ofSet, operationMembers, targetMembers } from './input.ts';
import { changedPermissions, newPermissions } from './permissions.ts';
import type { SetEngine } from './set-engine.ts';
import { beginOperation, findSet, getSet, homeOf } from './set-engine.ts';
import { checkFree, isUnended } from './set-work.ts';
import type { SetOperation, StackInstance, StackSet } from './stack-set.ts';
import { operationOf } from './stack-sets.ts';
import { namedInstances } from './targets.ts';

const operation = operationsRefusing('ValidationError');

const declaration = {
  ...source,
  Description: z.string().max(1024).optional(),
  AdministrationRoleARN: z.string().min(20).max(2048).optional(),
  ExecutionRoleName: z.string().min(1).max(64).optional(),
  PermissionModel: z.enum(['SELF_MANAGED', 'SERVICE_MANAGED']).optional(),
  AutoDeployment: z.object({ Enabled: flag, RetainStacksOnAccountRemoval: flag.optional() }).optional(),
  ManagedExecution: z.object({ Active: flag.default(false) }).optional(),
};
const createStackSet = z.object({
  CallAs: callAs,
  ...declaration,
  StackSetName: stackName,
  ClientRequestToken: requestToken.optional(),
});
const updateStackSet = z.object({ ...declaration, ...operationMembers, ...targetMembers });
const stopOperation = ofSet.extend({ OperationId: z.string() });

function create(engine: SetEngine, caller: Caller, request: z.output<typeof createStackSet>): StackSet {
  const { StackSetName: name, ClientRequestToken: token } = request;
  const home = homeOf(engine, caller, request);
  const existing = engine.sets.find(home, name);
  if (existing && token !== undefined && existing.requestToken === token) return existing;
  if (existing) throw new AwsError('NameAlreadyExistsException', `StackSet ${name} already exists`, 409);
  return engine.sets.add(home, {
    name,
    requestToken: token,
    description: request.Description,
    spec: engine.specifications.specify(request),
    permissions: newPermissions(engine.world, caller, request),
    isManaged: request.ManagedExecution?.Active ?? false,
  });
}

type Update = z.output<typeof updateStackSet>;

/** The instances that an update reaches: those named, or all; those that broke are left alone. */
function reachedBy({ world }: SetEngine, set: StackSet, request: Update): readonly StackInstance[] {
  const { Accounts, Regions, DeploymentTargets, AutoDeployment } = request;
  const isSubset = Accounts.length > 0 || Regions.length > 0 || DeploymentTargets !== undefined;
  if (isSubset && AutoDeployment) {
    throw invalid('AutoDeployment cannot be specified with DeploymentTargets or Regions');
  }
  const instances = isSubset ? namedInstances(world, set, request) : [...set.instances.values()];
  return instances.filter(({ status }) => status !== 'INOPERABLE');
}

/** Changes the set itself: that stays, whatever becomes of the operation. */
function change({ specifications }: SetEngine, set: StackSet, request: Update): void {
  set.permissions = changedPermissions(set, request);
  set.spec = specifications.specify(request, set.spec);
  set.description = request.Description ?? set.description;
  set.isManaged = request.ManagedExecution?.Active ?? set.isManaged;
  for (const instance of set.instances.values()) {
    if (instance.status === 'CURRENT') instance.status = 'OUTDATED';
  }
}

function remove(set: StackSet): void {
  checkFree(set);
  if (set.instances.size > 0) {
    throw new AwsError('StackSetNotEmptyException', 'StackSet is not empty', 409);
  }
  set.status = 'DELETED';
}

function stop(running: SetOperation): void {
  if (!isUnended(running)) {
    throw new AwsError('InvalidOperationException', `Operation ${running.id} is not running`);
  }
  running.status = 'STOPPING';
}

/** Operations on whole sets. */
export function setOperations(engine: SetEngine): Readonly<Record<string, Operation>> {
  return {
    CreateStackSet: operation(createStackSet, (request, caller) => ({
      StackSetId: create(engine, caller, request).id,
    })),
    UpdateStackSet: operation(updateStackSet, (request, caller) =>
      beginOperation(engine, caller, {
        action: 'UPDATE',
        request,
        prepare(set) {
          const reached = reachedBy(engine, set, request);
          change(engine, set, request);
          return reached;
        },
      }),
    ),
    // A set that is not there is deleted already.
    DeleteStackSet: operation(ofSet, (request, caller) => {
      const set = findSet(engine, caller, request);
      if (set) remove(set);
    }),
    StopStackSetOperation: operation(stopOperation, (request, caller) =>
      stop(operationOf(getSet(engine, caller, request), request.OperationId)),
    ),
  };
}
