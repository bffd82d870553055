import { CloudFormationServiceException } from '@aws-sdk/client-cloudformation';

import { errorFacts } from '../aws/error-facts.ts';
import type { DeployContext } from './context.ts';

const GROWTH = 1.5;

/**
 * Asks until there is an answer. What passes by itself (throttling, a broken network, a fault of AWS) is no
 * answer, for the work goes on meanwhile. Throws the signal's reason when that aborts.
 */
export async function pollUntil<T>(
  probe: () => Promise<T | undefined>,
  { clock, signal, pace, progress }: Pick<DeployContext, 'clock' | 'signal' | 'pace' | 'progress'>,
): Promise<T> {
  for (let waitMs = pace.firstMs; ; waitMs = Math.min(waitMs * GROWTH, pace.longestMs)) {
    signal.throwIfAborted();
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
    } catch (error) {
      signal.throwIfAborted();
      if (!passesByItself(error)) throw error;
      progress.note(`AWS does not answer (${errorFacts(error).said}): asking again`);
    }
    await clock.sleep(waitMs, signal);
  }
}

function passesByItself(error: unknown): boolean {
  const { isThrottling, isNetwork } = errorFacts(error);
  return (
    isThrottling ||
    isNetwork ||
    (error instanceof CloudFormationServiceException && error.$fault === 'server')
  );
}
