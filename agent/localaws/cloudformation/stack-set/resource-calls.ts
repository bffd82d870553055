import { z } from 'zod';

import type { Clock } from '../../../model/clock.ts';
import type { Place, Properties, Service } from '../../service.ts';
import { AwsError } from '../../service.ts';

const created = z.object({ StackSetId: z.string() });
const begun = z.object({ OperationId: z.string() });
const described = z.object({ StackSetOperation: z.object({ Status: z.string() }) });
const listed = z.object({
  Summaries: z.array(z.object({ Status: z.string(), StatusReason: z.string().optional() })),
});

const POLL_MS = 1_000;

export interface SetCallsOptions {
  /** The API of CloudFormation. */
  readonly handle: Service['handle'];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The calls of CloudFormation to itself, for the sets that stand in templates. */
interface SetCalls {
  call(place: Place, operation: string, input: Properties): Promise<unknown>;
  exists(place: Place, id: string): Promise<boolean>;
  /** Answers the new id. */
  createSet(place: Place, definition: Properties): Promise<string>;
  /** Begins an operation and waits for its end. What failed within the tolerance is no failure. */
  operate(place: Place, operation: string, input: Properties): Promise<void>;
}

export function createSetCalls({ handle, clock, signal }: SetCallsOptions): SetCalls {
  /** In AWS with the rights of whoever works with the stack. */
  async function call(place: Place, operation: string, input: Properties): Promise<unknown> {
    const arn = `arn:${place.partition}:iam::${place.account}:root`;
    return handle({ operation, caller: { ...place, arn }, input });
  }

  async function failureOf(place: Place, asked: Properties): Promise<AwsError> {
    const { Summaries } = listed.parse(await call(place, 'ListStackSetOperationResults', asked));
    const failed = Summaries.filter(({ Status }) => Status === 'FAILED');
    const reasons = new Set(failed.map(({ StatusReason = '' }) => ` [${StatusReason}]`));
    const what = `Stack set operation [${asked.OperationId}] was unexpectedly stopped or failed. status reason(s):`;
    return new AwsError('NotStabilized', [what, ...reasons].join(''));
  }

  return {
    call,
    exists: (place, id) =>
      call(place, 'DescribeStackSet', { StackSetName: id }).then(
        () => true,
        (error: unknown) => {
          if (error instanceof AwsError && error.code === 'StackSetNotFoundException') return false;
          throw error;
        },
      ),
    async createSet(place, definition) {
      try {
        return created.parse(await call(place, 'CreateStackSet', definition)).StackSetId;
      } catch (error) {
        if (!(error instanceof AwsError) || error.code !== 'NameAlreadyExistsException') throw error;
        const what = `Resource of type 'AWS::CloudFormation::StackSet' with identifier '${definition.StackSetName}' already exists.`;
        throw new AwsError('AlreadyExists', what);
      }
    },
    async operate(place, operation, input) {
      const { OperationId } = begun.parse(await call(place, operation, input));
      const asked = { StackSetName: input.StackSetName, OperationId };
      while (!signal.aborted) {
        const answer = await call(place, 'DescribeStackSetOperation', asked);
        const { Status } = described.parse(answer).StackSetOperation;
        if (Status === 'SUCCEEDED') return;
        if (Status !== 'RUNNING' && Status !== 'QUEUED') throw await failureOf(place, asked);
        await clock.sleep(POLL_MS, signal);
      }
    },
  };
}
