import { z } from 'zod';

import type { Operation } from '../../operation.ts';
import { operationsRefusing } from '../../operation.ts';
import { pageOf } from '../../paging.ts';
import type { Place } from '../../service.ts';
import type { World } from '../../world.ts';
import { count, listOf } from '../input.ts';
import { invalid } from '../invalid.ts';
import { describeDetection, describeDrift } from './describe-drift.ts';
import type { StackDrift } from './drift.ts';
import type { StackEngine } from './engine.ts';
import type { Stack } from './stack.ts';

const operation = operationsRefusing('ValidationError');

export const DRIFT_STATUSES = [
  'IN_SYNC',
  'MODIFIED',
  'DELETED',
  'NOT_CHECKED',
  'UNKNOWN',
  'UNSUPPORTED',
] as const;

const detect = z.object({
  StackName: z.string(),
  LogicalResourceIds: z.undefined({ error: 'localaws detects the drift of whole stacks only' }).optional(),
});
const ofDetection = z.object({ StackDriftDetectionId: z.string() });
const describeDrifts = z.object({
  StackName: z.string(),
  StackResourceDriftStatusFilters: listOf(z.enum(DRIFT_STATUSES)).optional(),
  MaxResults: count.min(1).max(100).default(100),
  NextToken: z.string().optional(),
});

/** One detection on its way, or at its end. */
export interface DriftDetection {
  readonly id: string;
  readonly stack: Stack;
  /** Epoch ms. */
  readonly begunAt: number;
  drift?: StackDrift;
}

/** Page `detect-drift-stack`: what is being changed cannot be compared. */
const DETECTABLE = /^((CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE|UPDATE_ROLLBACK_FAILED)$/;

/** Operations that compare single stacks with what they have made. A detection begins at once and ends on the clock. */
export function driftOperations(
  { stacks, detectDrift }: StackEngine,
  { clock, nextId }: World,
): Readonly<Record<string, Operation>> {
  const detections = new Map<string, DriftDetection>();

  function begin(place: Place, name: string): DriftDetection {
    const stack = stacks.get(place, name);
    if (!DETECTABLE.test(stack.status)) {
      throw invalid(`Drift detection cannot be performed on stack [${stack.id}] in ${stack.status} state`);
    }
    const isBusy = [...detections.values()].some((known) => known.stack === stack && !known.drift);
    if (isBusy) throw invalid(`Drift detection is already in progress for stack [${stack.id}]`);
    const detection: DriftDetection = { id: nextId(), stack, begunAt: clock.now() };
    detections.set(detection.id, detection);
    void run(detection);
    return detection;
  }

  async function run(detection: DriftDetection): Promise<void> {
    detection.drift = await detectDrift(detection.stack);
  }

  function find({ account, region }: Place, id: string): DriftDetection {
    const found = detections.get(id);
    const place = found?.stack.place;
    if (found && place?.account === account && place.region === region) return found;
    throw invalid(`Drift detection status for id [${id}] does not exist`);
  }

  return {
    DetectStackDrift: operation(detect, ({ StackName }, caller) => ({
      StackDriftDetectionId: begin(caller, StackName).id,
    })),
    DescribeStackDriftDetectionStatus: operation(ofDetection, ({ StackDriftDetectionId }, caller) =>
      describeDetection(find(caller, StackDriftDetectionId)),
    ),
    DescribeStackResourceDrifts: operation(describeDrifts, (request, caller) => {
      const stack = stacks.get(caller, request.StackName);
      const wanted = request.StackResourceDriftStatusFilters ?? DRIFT_STATUSES;
      const drifts = stack.drift?.resources.filter(({ status }) => wanted.includes(status)) ?? [];
      const { MaxResults: limit, NextToken: nextToken } = request;
      const page = pageOf(drifts, { limit, nextToken, invalidCode: 'ValidationError' });
      return {
        StackResourceDrifts: page.items.map((drift) => describeDrift(stack, drift)),
        NextToken: page.nextToken,
      };
    }),
  };
}
