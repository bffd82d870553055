import { isDeepStrictEqual } from 'node:util';

import { checkProperties } from '../../properties.ts';
import type { Place, Resource, ResourceHandler } from '../../service.ts';
import { createSetCalls, type SetCallsOptions } from './resource-calls.ts';
import { definitionOf, instancesOf, type SetProperties, setProperties } from './resource-properties.ts';

interface Change {
  readonly wanted: SetProperties;
  readonly before?: SetProperties;
}

function shown(id: string): Resource {
  return { physicalId: id, attributes: { StackSetId: id } };
}

/** `AWS::CloudFormation::StackSet`, with the calls that AWS's own handler makes, in its order. */
export function stackSetResource(options: SetCallsOptions): ResourceHandler {
  const calls = createSetCalls(options);
  /** By id: instances go by what the template said last, and not by what the set has. */
  const known = new Map<string, SetProperties>();

  /** A set that others have deleted is gone; one into which they have put more cannot go. */
  async function remove(place: Place, id: string): Promise<void> {
    if (!(await calls.exists(place, id))) return;
    const wanted = known.get(id);
    const OperationPreferences = wanted?.OperationPreferences;
    for (const group of instancesOf(wanted)) {
      const input = { StackSetName: id, ...group, OperationPreferences, RetainStacks: 'false' };
      await calls.operate(place, 'DeleteStackInstances', input);
    }
    await calls.call(place, 'DeleteStackSet', { StackSetName: id });
    known.delete(id);
  }

  async function addInstances(place: Place, id: string, { wanted, before }: Change): Promise<void> {
    const { OperationPreferences } = wanted;
    for (const group of instancesOf(wanted, before)) {
      const input = { StackSetName: id, ...group, OperationPreferences };
      await calls.operate(place, 'CreateStackInstances', input);
    }
  }

  async function make(place: Place, wanted: SetProperties): Promise<Resource> {
    const id = await calls.createSet(place, definitionOf(wanted));
    known.set(id, wanted);
    try {
      await addInstances(place, id, { wanted });
    } catch (error) {
      // The rollback of the stack deletes what has an id already.
      await remove(place, id);
      throw error;
    }
    return shown(id);
  }

  async function change(place: Place, id: string, { wanted, before }: Required<Change>): Promise<Resource> {
    const { OperationPreferences } = wanted;
    for (const group of instancesOf(before, wanted)) {
      const input = { StackSetName: id, ...group, OperationPreferences, RetainStacks: 'false' };
      await calls.operate(place, 'DeleteStackInstances', input);
    }
    const definition = definitionOf(wanted);
    if (!isDeepStrictEqual(definition, definitionOf(before))) {
      const input = { ...definition, StackSetName: id, OperationPreferences };
      await calls.operate(place, 'UpdateStackSet', input);
    }
    await addInstances(place, id, { wanted, before });
    known.set(id, wanted);
    return shown(id);
  }

  return {
    type: 'AWS::CloudFormation::StackSet',
    create: async (place, properties) => make(place, checkProperties(setProperties, properties)),
    async update(place, id, properties) {
      const wanted = checkProperties(setProperties, properties);
      const before = known.get(id);
      return before?.StackSetName === wanted.StackSetName
        ? change(place, id, { wanted, before })
        : make(place, wanted);
    },
    delete: remove,
  };
}
