import type {
  CloudFormationClient,
  DescribeStackDriftDetectionStatusOutput,
} from '@aws-sdk/client-cloudformation';
import {
  CloudFormationServiceException,
  DescribeStackDriftDetectionStatusCommand,
  DetectStackDriftCommand,
  paginateDescribeStackResourceDrifts,
} from '@aws-sdk/client-cloudformation';

import { refusalText } from './call-error.ts';
import type { DeployContext } from './context.ts';
import type { DriftCheck, DriftedResource, DriftVerdict } from './drift-check.ts';
import { TOLD, toResource } from './drift-check.ts';
import { collectRows } from './pages.ts';
import type { Place } from './places.ts';
import { pollUntil } from './poll.ts';

/** One stack in one region. */
export interface ComparedStack {
  readonly name: string;
  readonly place: Place;
  readonly context: DeployContext;
}

/** Lets CloudFormation compare a stack with its template, and waits. A refusal is an answer: others go on. */
export async function detectStackDrift({ name, place, context }: ComparedStack): Promise<DriftCheck> {
  const tell = (verdict: DriftVerdict): DriftCheck => {
    const status = verdict.kind === 'unknown' ? 'failed' : 'succeeded';
    const reason = verdict.kind === 'unknown' ? { reason: verdict.reason } : {};
    context.progress.changed({ ...place, stack: name, status, ...reason });
    return { ...place, ...verdict };
  };
  try {
    return tell(await compare(context.cloudformation(place.region), name, context));
  } catch (error) {
    context.signal.throwIfAborted();
    const reason = refusalText(error);
    if (reason === undefined) throw error;
    return tell({ kind: 'unknown', reason });
  }
}

async function compare(
  client: CloudFormationClient,
  name: string,
  context: DeployContext,
): Promise<DriftVerdict> {
  const abort = { abortSignal: context.signal };
  const StackDriftDetectionId = await pollUntil(() => begin(client, name, context.signal), context);
  const end = await pollUntil(async () => {
    const command = new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId });
    const state = await client.send(command, abort);
    return state.DetectionStatus === 'DETECTION_IN_PROGRESS' ? undefined : state;
  }, context);
  const input = { StackName: name, StackResourceDriftStatusFilters: TOLD };
  const pages = paginateDescribeStackResourceDrifts({ client }, input, abort);
  const drifts = await collectRows(pages, ({ StackResourceDrifts }) => StackResourceDrifts);
  const checkedAt = end.Timestamp?.getTime() ?? context.clock.now();
  return verdictOf(end, drifts.map(toResource), checkedAt);
}

/** Undefined: somebody else's detection is going on. */
async function begin(
  client: CloudFormationClient,
  StackName: string,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  try {
    const command = new DetectStackDriftCommand({ StackName });
    return (await client.send(command, { abortSignal })).StackDriftDetectionId;
  } catch (error) {
    if (error instanceof CloudFormationServiceException && /already in progress/i.test(error.message)) {
      return undefined;
    }
    throw error;
  }
}

/** A detection that failed for one resource has compared the others. */
function verdictOf(
  end: DescribeStackDriftDetectionStatusOutput,
  resources: readonly DriftedResource[],
  checkedAt: number,
): DriftVerdict {
  const { DetectionStatus, DetectionStatusReason, StackDriftStatus } = end;
  const failed = DetectionStatus === 'DETECTION_FAILED';
  const reason = DetectionStatusReason ?? `CloudFormation says ${DetectionStatus} and ${StackDriftStatus}`;
  if (StackDriftStatus === 'DRIFTED') {
    return { kind: 'drifted', resources, checkedAt, ...(failed && { reason }) };
  }
  return !failed && StackDriftStatus === 'IN_SYNC'
    ? { kind: 'in-sync', checkedAt }
    : { kind: 'unknown', reason };
}
