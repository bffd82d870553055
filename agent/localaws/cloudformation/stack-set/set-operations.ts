import { z } from 'zod';
import type { Operation } from '../../operation.ts';
import { operationsRefusing } from '../../operation.ts';
import type { Place } from '../../service.ts';
import { AwsError } from '../../service.ts';
import { flag, requestToken, source, stackName } from '../input.ts';
import { invalid } from '../invalid.ts';
import { ofSet, operationMembers, targetMembers, targetsIn } from './input.ts';
import { setRoles } from './roles.ts';
import type { SetEngine } from './set-engine.ts';
import { beginOperation } from './set-engine.ts';
import { checkFree, isUnended } from './set-work.ts';
import type { SetOperation, StackInstance, StackSet } from './stack-set.ts';
import { instanceOf, operationOf } from './stack-sets.ts';

const operation = operationsRefusing('ValidationError');

const declaration = {
  ...source,
  Description: z.string().max(1024).optional(),
  AdministrationRoleARN: z.string().min(20).max(2048).optional(),
  ExecutionRoleName: z.string().min(1).max(64).optional(),
  PermissionModel: z
    .literal('SELF_MANAGED', {
      error: 'You must enable organizations access to operate a service managed stack set',
    })
    .default('SELF_MANAGED'),
  ManagedExecution: z.object({ Active: flag.default(false) }).optional(),
};
const createStackSet = z.object({
  ...declaration,
  StackSetName: stackName,
  ClientRequestToken: requestToken.optional(),
});
const updateStackSet = z.object({ ...declaration, ...operationMembers, ...targetMembers });
const stopOperation = ofSet.extend({ OperationId: z.string() });

function create(
  { sets, specifications }: SetEngine,
  home: Place,
  request: z.output<typeof createStackSet>,
): StackSet {
  const { StackSetName: name, ClientRequestToken: token } = request;
  const existing = sets.find(home, name);
  if (existing && token !== undefined && existing.requestToken === token) return existing;
  if (existing) throw new AwsError('NameAlreadyExistsException', `StackSet ${name} already exists`, 409);
  return sets.add(home, {
    name,
    requestToken: token,
    description: request.Description,
    spec: specifications.specify(request),
    roles: setRoles(home, request),
    isManaged: request.ManagedExecution?.Active ?? false,
  });
}

type Update = z.output<typeof updateStackSet>;

/** The instances that an update reaches: those named, or all; those that broke are left alone. */
function reachedBy({ Accounts, Regions }: Update, set: StackSet): readonly StackInstance[] {
  const isSubset = Accounts.length > 0 || Regions.length > 0;
  const instances = isSubset
    ? targetsIn({ Accounts, Regions }).map((target) => instanceOf(set, target))
    : [...set.instances.values()];
  return instances.filter(({ status }) => status !== 'INOPERABLE');
}

/** Changes the set itself: that stays, whatever becomes of the operation. */
function change({ specifications }: SetEngine, set: StackSet, request: Update): void {
  if (set.roles.isCustom && request.AdministrationRoleARN === undefined) {
    throw invalid(
      'The stack set has a customized administrator role: specify it again, even if it is the same',
    );
  }
  set.spec = specifications.specify(request, set.spec);
  set.description = request.Description ?? set.description;
  set.roles = setRoles(set.home, { ExecutionRoleName: set.roles.executionRoleName, ...request });
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
  const { sets } = engine;
  return {
    CreateStackSet: operation(createStackSet, (request, caller) => ({
      StackSetId: create(engine, caller, request).id,
    })),
    UpdateStackSet: operation(updateStackSet, (request, caller) =>
      beginOperation(engine, caller, {
        action: 'UPDATE',
        request,
        prepare(set) {
          const reached = reachedBy(request, set);
          change(engine, set, request);
          return reached;
        },
      }),
    ),
    // A set that is not there is deleted already.
    DeleteStackSet: operation(ofSet, ({ StackSetName }, caller) => {
      const set = sets.find(caller, StackSetName);
      if (set) remove(set);
    }),
    StopStackSetOperation: operation(stopOperation, ({ StackSetName, OperationId }, caller) =>
      stop(operationOf(sets.get(caller, StackSetName), OperationId)),
    ),
  };
}
