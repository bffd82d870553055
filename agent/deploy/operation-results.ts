import type {
  CloudFormationClient,
  ListStackSetOperationResultsInput,
  StackSetOperation,
  StackSetOperationResultStatus,
  StackSetOperationResultSummary,
} from '@aws-sdk/client-cloudformation';
import { paginateListStackSetOperationResults } from '@aws-sdk/client-cloudformation';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { DeployProgress } from './context.ts';
import { collectRows, firstPage } from './pages.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';
import type { InstanceResult } from './result.ts';
import { isFinal } from './result.ts';

/** An operation on a StackSet, and the instances that it works on as far as they are known. */
export interface Operation {
  readonly id: string;
  readonly places: readonly Place[];
}

/** What is known of the instances of one operation. */
export interface ResultBook {
  /** Takes what AWS lists now, and tells of what changed. */
  enter(summaries: readonly StackSetOperationResultSummary[]): void;
  /** Every instance has its final result, and as many failed as the operation says. */
  isComplete(end: StackSetOperation): boolean;
  /** One result for each instance; what AWS never named counts as failed. */
  close(end: StackSetOperation): readonly InstanceResult[];
}

const STATUS: Readonly<Record<StackSetOperationResultStatus, InstanceResult['status']>> = {
  PENDING: 'pending',
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
};

export function listResults(
  client: CloudFormationClient,
  input: ListStackSetOperationResultsInput,
  abortSignal: AbortSignal,
): Promise<StackSetOperationResultSummary[]> {
  const pages = paginateListStackSetOperationResults({ client }, firstPage(input), { abortSignal });
  return collectRows(pages, ({ Summaries }) => Summaries);
}

export function createResultBook(stack: string, operation: Operation, progress: DeployProgress): ResultBook {
  const results = new Map<string, InstanceResult>(
    operation.places.map((place) => [placeKey(place), { ...place, stack, status: 'pending' }]),
  );
  const all = (): InstanceResult[] => [...results.values()];

  return {
    enter(summaries) {
      for (const result of summaries.flatMap((summary) => toResult(stack, summary))) {
        const known = results.get(placeKey(result));
        results.set(placeKey(result), result);
        if (known?.status !== result.status) progress.changed(result);
      }
    },
    isComplete: (end) => all().every(isFinal) && countFailed(all()) >= claimedFailures(end),
    close(end) {
      const reason =
        end.StatusReason ?? `CloudFormation ended the operation ${end.Status} without its result`;
      const closed = all().map((result) => (isFinal(result) ? result : fail(result, reason)));
      if (countFailed(closed) < claimedFailures(end)) throw unnamedFailures(stack, operation, end);
      return closed;
    },
  };
}

function toResult(
  stack: string,
  { Account: account, Region: region, Status, StatusReason: reason }: StackSetOperationResultSummary,
): InstanceResult[] {
  if (!account || !region || !Status) return [];
  return [{ stack, account, region, status: STATUS[Status], ...(reason && { reason }) }];
}

function fail(result: InstanceResult, reason: string): InstanceResult {
  return { ...result, status: 'failed', reason };
}

function countFailed(results: readonly InstanceResult[]): number {
  return results.filter(({ status }) => status === 'failed').length;
}

function claimedFailures({ StatusDetails }: StackSetOperation): number {
  return StatusDetails?.FailedStackInstancesCount ?? 0;
}

function unnamedFailures(stack: string, { id }: Operation, end: StackSetOperation): GuardrelayError {
  const message = `operation ${id} on StackSet ${stack} ended ${end.Status} with ${claimedFailures(end)} failed stack instances, but does not name them all`;
  return new GuardrelayError('CFN-003', message, {
    exitCode: EXIT.partly,
    fix: `aws cloudformation list-stack-set-operation-results --stack-set-name ${stack} --operation-id ${id}`,
  });
}
