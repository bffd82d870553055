import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';

import type { Clock } from '../model/clock.ts';
import type { InstanceResult } from './result.ts';

/** What a deployment needs of the world. */
export interface DeployContext {
  /** A client for CloudFormation in a region, with the deployer's credentials. */
  cloudformation(region: string): CloudFormationClient;
  /** The same for CloudWatch Logs. */
  logs(region: string): CloudWatchLogsClient;
  readonly clock: Clock;
  /** 0 to 1, for jitter. */
  random(): number;
  readonly signal: AbortSignal;
  readonly pace: Pace;
  /** Work is begun and left to AWS: its end is not waited for. */
  readonly detached?: boolean;
  readonly progress: DeployProgress;
}

/** How often running work is looked at: the intervals grow from the first to the longest. */
interface Pace {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Told of everything that changes while work runs. */
export interface DeployProgress {
  /** So many stacks will change from now on. */
  begin(total: number): void;
  changed(result: InstanceResult): void;
  note(text: string): void;
  /** The work is over, however it ended. */
  end(): void;
}
