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
import { isUnended } from './set-work.ts';
import type { StackInstance, StackSet } from './stack-set.ts';
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

/** Operations on whole sets. */
export function setOperations(engine: SetEngine): Readonly<Record<string, Operation>> {
  const { world, sets, work, specifications } = engine;

  function create(home: Place, request: z.output<typeof createStackSet>): StackSet {
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

  /** The instances that an update reaches: those named, or all; those that broke are left alone. */
  function chosen(
    set: StackSet,
    { Accounts, Regions }: z.output<typeof updateStackSet>,
  ): readonly StackInstance[] {
    const isSubset = Accounts.length > 0 || Regions.length > 0;
    const instances = isSubset
      ? targetsIn({ Accounts, Regions }).map((target) => instanceOf(set, target))
      : [...set.instances.values()];
    return instances.filter(({ status }) => status !== 'INOPERABLE');
  }

  function change(set: StackSet, request: z.output<typeof updateStackSet>): readonly StackInstance[] {
    if (set.roles.isCustom && request.AdministrationRoleARN === undefined) {
      throw invalid(
        'The stack set has a customized administrator role: specify it again, even if it is the same',
      );
    }
    const reached = chosen(set, request);
    set.spec = specifications.specify(request, set.spec);
    set.description = request.Description ?? set.description;
    set.roles = setRoles(set.home, { ExecutionRoleName: set.roles.executionRoleName, ...request });
    set.isManaged = request.ManagedExecution?.Active ?? set.isManaged;
    for (const instance of set.instances.values()) {
      if (instance.status === 'CURRENT') instance.status = 'OUTDATED';
    }
    return reached;
  }

  return {
    CreateStackSet: operation(createStackSet, (request, caller) => ({
      StackSetId: create(caller, request).id,
    })),
    UpdateStackSet: operation(updateStackSet, (request, caller) => {
      const set = sets.get(caller, request.StackSetName);
      const { OperationId: id = world.nextId(), OperationPreferences: preferences } = request;
      const prepare = (): readonly StackInstance[] => change(set, request);
      return { OperationId: work.begin(set, { id, action: 'UPDATE', request, preferences, prepare }).id };
    }),
    DeleteStackSet: operation(ofSet, ({ StackSetName }, caller) => {
      const set = sets.find(caller, StackSetName);
      if (!set) return;
      const busy = set.operations.find(isUnended);
      if (busy) {
        const refusal = `Another Operation on StackSet ${set.arn} is in progress: ${busy.id}`;
        throw new AwsError('OperationInProgressException', refusal, 409);
      }
      if (set.instances.size > 0) {
        throw new AwsError('StackSetNotEmptyException', 'StackSet is not empty', 409);
      }
      set.status = 'DELETED';
    }),
    StopStackSetOperation: operation(stopOperation, ({ StackSetName, OperationId }, caller) => {
      const running = operationOf(sets.get(caller, StackSetName), OperationId);
      if (!isUnended(running)) {
        throw new AwsError('InvalidOperationException', `Operation ${OperationId} is not running`);
      }
      running.status = 'STOPPING';
    }),
  };
}
