import { type Asked, ask } from './ask.ts';
import type { Bucket } from './bucket.ts';
import type { FailedCall } from './failure.ts';

/** Each one at half the pace of the one before. */
const TRIES_WHEN_THROTTLED = 5;

/** `ask`, as often as the pace allows, and again where AWS throttles the call. */
export async function askPaced<T extends { readonly kind: string }>(
  asked: Asked,
  pace: Bucket,
  send: () => Promise<T>,
): Promise<T | FailedCall> {
  for (let tries = 1; ; tries += 1) {
    await pace.take(asked.signal);
    const answer = await ask(asked, send);
    const isThrottled = isFailed(answer) && answer.failure.cause === 'throttled';
    if (!isThrottled || tries === TRIES_WHEN_THROTTLED) return answer;
    pace.throttled();
  }
}

function isFailed(answer: { readonly kind: string }): answer is FailedCall {
  return answer.kind === 'failed';
}
