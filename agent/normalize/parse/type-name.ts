import type { TypeParts } from '../../model/finding.ts';
import { present } from '../present.ts';

/** Longer is no type; the longest known one has 93 characters. */
const LONGEST_TYPE = 512;
const TYPE = /^([^:]+):([^/]+)\/([^.!]+)(?:\.([^!]+))?(?:!(.+))?$/;

/** The parts of a finding type, if it has the form that GuardDuty documents. */
export function typeParts(type: string | undefined): TypeParts | undefined {
  if (type === undefined || type.length > LONGEST_TYPE) return undefined;
  const [, purpose, resource, family, mechanism, artifact] = TYPE.exec(type) ?? [];
  if (purpose === undefined || resource === undefined || family === undefined) return undefined;
  return present({ purpose, resource, family, mechanism, artifact });
}
