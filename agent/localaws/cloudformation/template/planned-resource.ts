import type { JsonObject } from '../../../model/json.ts';
import type { ResourceDeclaration } from './template.ts';

/** What the resources of a stack have become: known once they exist. */
export interface Existing {
  physicalId(logicalId: string): string;
  attribute(logicalId: string, name: string): string;
}

/** A resource that should exist. */
export interface PlannedResource {
  readonly logicalId: string;
  readonly declaration: ResourceDeclaration;
  properties(existing: Existing): JsonObject;
  /** The properties that hold no function: an import finds a resource by a name that stands in the template. */
  readonly literalProperties: JsonObject;
}
