import { destinationOptions } from '../../agent/ship/sinks/index.ts';
import { optionKinds } from './option-kinds.ts';

/** The options of each kind of destination. */
export function destinationKinds(): ReadonlyMap<string, readonly string[]> {
  return optionKinds(destinationOptions);
}
