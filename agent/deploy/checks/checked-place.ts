import type { Tags } from '../blueprint.ts';
import type { Expected } from './expected.ts';
import type { PlaceCalls } from './place-calls.ts';

/** One log group with the rules that write to it: what should stand there, and how to ask. */
export interface CheckedPlace {
  readonly expected: Expected;
  readonly calls: PlaceCalls;
}

/** The same, with what is known of its stack. */
export interface DeployedPlace extends CheckedPlace {
  /** The tags that a stack of this release and configuration has. */
  readonly release: Tags;
  /** The customer takes every region that is on, without naming them. */
  readonly takesEveryRegion: boolean;
}
