import type { JsonObject } from '../model/json.ts';
import type { Place, Properties, Resource, ResourceHandler, TagChange } from './service.ts';
import { AwsError } from './service.ts';

/** A resource type that is found by its name in a place. */
export interface NamedResource {
  readonly type: string;
  /** The property that gives the name; without it the logical id is the name. */
  readonly nameProperty: string;
  find(place: Place, name: string): Resource | undefined;
  /** Makes the resource, or gives the existing one these properties. */
  put(place: Place, name: string, properties: Properties): Resource;
  remove(place: Place, name: string): void;
  /** Asked only for what exists. Absent: the type is not supported by drift detection. */
  read?(place: Place, name: string): JsonObject;
  tag?(place: Place, name: string, change: TagChange): void;
  /** Default: the physical id is the name. */
  nameOf?(physicalId: string): string;
}

/** The handler of such a type: no second one of a name, a new one for a new name, nothing to do for what is gone. */
export function namedResourceHandler(resource: NamedResource): ResourceHandler {
  const { type, nameProperty, read, tag, nameOf = (physicalId: string) => physicalId } = resource;

  function givenName(properties: Properties): string | undefined {
    const name = properties[nameProperty];
    if (name === undefined || typeof name === 'string') return name;
    throw new AwsError('ValidationError', `Properties validation failed: ${nameProperty} must be a string`);
  }

  function create(place: Place, properties: Properties, logicalId: string): Resource {
    const name = givenName(properties) ?? logicalId;
    if (!resource.find(place, name)) return resource.put(place, name, properties);
    const identifier = JSON.stringify({ [`/properties/${nameProperty}`]: name });
    throw new AwsError(
      'AlreadyExists',
      `Resource of type '${type}' with identifier '${identifier}' already exists.`,
    );
  }

  return {
    type,
    create: async (place, properties, logicalId) => create(place, properties, logicalId),
    async update(place, physicalId, properties, logicalId) {
      const known = nameOf(physicalId);
      const name = givenName(properties) ?? known;
      return name === known ? resource.put(place, name, properties) : create(place, properties, logicalId);
    },
    async delete(place, physicalId) {
      const name = nameOf(physicalId);
      if (resource.find(place, name)) resource.remove(place, name);
    },
    async find(place, properties) {
      const name = givenName(properties);
      return name === undefined ? undefined : resource.find(place, name);
    },
    ...(read && {
      async read(place, physicalId) {
        const name = nameOf(physicalId);
        return resource.find(place, name) && read(place, name);
      },
    }),
    ...(tag && { tag: (place, physicalId, change) => tag(place, nameOf(physicalId), change) }),
  };
}
