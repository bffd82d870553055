import { z } from 'zod';

import type { Operation } from '../../operation.ts';
import { operationsRefusing } from '../../operation.ts';
import { pageOf } from '../../paging.ts';
import { AwsError } from '../../service.ts';
import { count, listOf } from '../input.ts';
import { invalid } from '../invalid.ts';
import { summarizeDrift } from '../stack/describe-drift.ts';
import { DRIFT_STATUSES } from '../stack/drift-operations.ts';
import { ofSet, operationMembers } from './input.ts';
import type { SetEngine } from './set-engine.ts';
import { beginOperation, getSet } from './set-engine.ts';
import { isUnended } from './set-work.ts';
import type { StackSet } from './stack-set.ts';
import { instanceOf, operationOf } from './stack-sets.ts';

const operation = operationsRefusing('ValidationError');

const detectDrift = z.object(operationMembers);
const listDrifts = ofSet.extend({
  StackInstanceAccount: z.string(),
  StackInstanceRegion: z.string(),
  OperationId: z.string(),
  StackInstanceResourceDriftStatuses: listOf(z.enum(DRIFT_STATUSES)).default([...DRIFT_STATUSES]),
  MaxResults: count.min(1).max(100).default(100),
  NextToken: z.string().optional(),
});

/** Operations that compare the stacks of a set with its template. */
export function setDriftOperations(engine: SetEngine): Readonly<Record<string, Operation>> {
  return {
    DetectStackSetDrift: operation(detectDrift, (request, caller) => {
      refuseSecond(getSet(engine, caller, request), request.OperationId);
      return beginOperation(engine, caller, {
        action: 'DETECT_DRIFT',
        request,
        prepare: ({ instances }) => [...instances.values()],
      });
    }),
    ListStackInstanceResourceDrifts: operation(listDrifts, (request, caller) => {
      const { StackInstanceAccount: account, StackInstanceRegion: region } = request;
      const set = getSet(engine, caller, request);
      if (operationOf(set, request.OperationId).action !== 'DETECT_DRIFT') {
        throw invalid(`Operation ${request.OperationId} is no drift detection`);
      }
      const { stack, drift } = instanceOf(set, { account, region });
      const wanted = request.StackInstanceResourceDriftStatuses;
      const drifts = drift?.resources.filter(({ status }) => wanted.includes(status)) ?? [];
      const { MaxResults: limit, NextToken: nextToken } = request;
      const page = pageOf(drifts, { limit, nextToken, invalidCode: 'ValidationError' });
      const Summaries = stack ? page.items.map((each) => summarizeDrift(stack, each)) : [];
      return { Summaries, NextToken: page.nextToken };
    }),
  };
}

/** "You can only run a single drift detection operation on a given stack set at one time", managed or not. */
function refuseSecond({ operations, arn }: StackSet, id: string | undefined): void {
  const running = operations.find(
    (known) => known.action === 'DETECT_DRIFT' && isUnended(known) && known.id !== id,
  );
  if (!running) return;
  const refusal = `Another Operation on StackSet ${arn} is in progress: ${running.id}`;
  throw new AwsError('OperationInProgressException', refusal, 409);
}
