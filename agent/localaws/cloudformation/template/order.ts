import { invalid } from '../invalid.ts';
import type { PlannedResource } from './planned-resource.ts';

/** What the properties of a resource refer to, in the branches taken. */
function referencesOf({ properties }: PlannedResource): readonly string[] {
  const found: string[] = [];
  const note = (logicalId: string): string => {
    found.push(logicalId);
    return logicalId;
  };
  properties({ physicalId: note, attribute: note });
  return found;
}

/** The logical ids of what must exist before a resource, in branches taken. */
export function needsOf(resource: PlannedResource): ReadonlySet<string> {
  return new Set([...resource.declaration.DependsOn, ...referencesOf(resource)]);
}

/** What must exist before a resource. A DependsOn on a resource whose condition does not hold asks for nothing. */
function dependenciesOf(resource: PlannedResource, present: ReadonlySet<string>): ReadonlySet<string> {
  const references = referencesOf(resource);
  const absent = references.filter((logicalId) => !present.has(logicalId));
  if (absent.length > 0) {
    throw invalid(
      `Template format error: Unresolved resource dependencies [${absent.join(', ')}] in the Resources block of the template`,
    );
  }
  return needsOf(resource).intersection(present);
}

/** The resources in an order in which each one's references exist; otherwise as the template has them. */
export function inOrderOfCreation(planned: readonly PlannedResource[]): readonly PlannedResource[] {
  const present = new Set(planned.map(({ logicalId }) => logicalId));
  const waiting = new Map(planned.map((resource) => [resource, dependenciesOf(resource, present)]));
  const ordered: PlannedResource[] = [];
  const made = new Set<string>();
  while (waiting.size > 0) {
    const [next] = [...waiting].find(([, needed]) => needed.isSubsetOf(made)) ?? [];
    if (!next) {
      const names = [...waiting.keys()].map(({ logicalId }) => logicalId);
      throw invalid(`Circular dependency between resources: [${names.join(', ')}]`);
    }
    waiting.delete(next);
    made.add(next.logicalId);
    ordered.push(next);
  }
  return ordered;
}
