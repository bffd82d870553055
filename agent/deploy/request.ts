import type { Blueprint } from './blueprint.ts';
import type { Narrowing } from './narrow.ts';
import type { OrganizationSight } from './organization.ts';
import type { CollectorParameters } from './parameters.ts';
import type { DeployMode, Target } from './plan.ts';
import type { StackSettings } from './stack-calls.ts';
import type { StackSetSettings } from './stack-set-calls.ts';

/** What shall stand in a customer's accounts. */
export interface DeployRequest {
  readonly customer: string;
  /** `auto`: what is there already; else a stack for one region of the own account, and a StackSet for more. */
  readonly mode: DeployMode | 'auto';
  /** The account of the deployer's credentials: stacks are made in it, and it administers the StackSet. */
  readonly adminAccount: string;
  readonly targets: readonly Target[];
  /** The log group and the rules, in each target. */
  readonly collector: Blueprint<CollectorParameters>;
  /** The role that forwards to the hub, once in each account; absent: there is no hub. */
  readonly forwarding?: Blueprint;
  /** The reader role, once in each account; absent: not ours to make. */
  readonly reader?: Blueprint;
  /** The accounts that are read with that role; absent: those of the targets. */
  readonly readerAccounts?: readonly string[];
  /** With mode stackset-organizations. */
  readonly organization?: OrganizationSight;
  readonly stackSet: StackSetSettings;
  readonly stack: StackSettings;
  /** An update reaches one region of one account first, and the others only if it succeeded there. */
  readonly firstWave: boolean;
  /** What is worth knowing before saying yes, by the keys of places. */
  readonly remarks?: ReadonlyMap<string, string>;
  /** The part of it that is wanted now; absent: all. */
  readonly narrowing?: Narrowing;
}
