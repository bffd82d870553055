import { errorFacts } from '../aws/error-facts.ts';
import { CredentialsError } from '../aws/failure.ts';
import { GuardrelayError } from '../model/error.ts';

/** The answer of AWS; undefined: these credentials may not know it. What may pass by itself is thrown. */
export async function unlessRefused<Answer>(
  signal: AbortSignal,
  ask: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    signal.throwIfAborted();
    // What was understood already is for the user to read.
    if (error instanceof GuardrelayError || error instanceof CredentialsError) throw error;
    const { isNetwork, isThrottling } = errorFacts(error);
    if (isNetwork || isThrottling || isServerFault(error)) throw error;
    // Whatever else it is, a page of HTML from something in between included, it is no answer.
    return undefined;
  }
}

function isServerFault(error: unknown): boolean {
  return error instanceof Error && '$fault' in error && error.$fault === 'server';
}
