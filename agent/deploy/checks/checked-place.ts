import type { Expected } from './expected.ts';
import type { PlaceCalls } from './place-calls.ts';

/** One log group with the rules that write to it: what should stand there, and how to ask. */
export interface CheckedPlace {
  readonly expected: Expected;
  readonly calls: PlaceCalls;
}
