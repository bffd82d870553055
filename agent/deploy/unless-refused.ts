import { errorFacts } from '../aws/error-facts.ts';

/** The answer of AWS; undefined: these credentials may not know it. What may pass by itself is thrown. */
export async function unlessRefused<Answer>(
  signal: AbortSignal,
  ask: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    signal.throwIfAborted();
    const isRefusal = error instanceof Error && '$fault' in error && error.$fault === 'client';
    if (!isRefusal || errorFacts(error).isThrottling) throw error;
    return undefined;
  }
}
