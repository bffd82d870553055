import type { ErrorCode } from '../../model/error.ts';
import type { Outcome } from '../../model/outcome.ts';
import { retryAfterMs } from '../../model/retry-after.ts';
import { blocked, oneLine, retry } from '../wire/fault.ts';
import type { Answer } from '../wire/http-client.ts';

/** Kept of what the far side said. */
const MAX_QUOTE = 300;

export type Verdict = 'success' | 'retry' | 'auth' | 'reject' | 'too-large' | 'compression' | 'config';

const OF_STATUS: ReadonlyMap<number, Verdict> = new Map([
  [400, 'reject'],
  [422, 'reject'],
  [401, 'auth'],
  [403, 'auth'],
  [407, 'auth'],
  [413, 'too-large'],
  [431, 'too-large'],
  [415, 'compression'],
  [408, 'retry'],
  [425, 'retry'],
  [429, 'retry'],
  [501, 'config'],
  [505, 'config'],
  [511, 'config'],
]);

/**
 * What an HTTP answer means for a batch, where the sink knows nothing better. Redirects are never followed,
 * they would carry credentials away; a status that nobody expects holds everything until a person looks.
 */
export function verdictOf(answer: Answer, successStatuses: readonly number[]): Verdict {
  const { status } = answer;
  if (successStatuses.includes(status)) return isPage(answer) ? 'config' : 'success';
  return OF_STATUS.get(status) ?? (status >= 500 ? 'retry' : 'config');
}

/**
 * A login or error page of something in between, which is not the SIEM's word. Some frameworks call every answer HTML,
 * so it must look like that, too.
 */
function isPage({ contentType, text }: Answer): boolean {
  return contentType.startsWith('text/html') && text.trimStart().startsWith('<');
}

interface Asked {
  readonly name: string;
  readonly nowMs: number;
  mask(text: string): string;
}

/** The outcome of a verdict that is no success. */
export function outcomeOfAnswer(
  verdict: Exclude<Verdict, 'success'>,
  answer: Answer,
  { name, nowMs, mask }: Asked,
): Outcome {
  const sentence = `${name} answered ${answer.status}${quote(mask(answer.text))}`;
  switch (verdict) {
    case 'retry': {
      const afterMs = retryAfterMs(answer.retryAfter, nowMs);
      return { ...retry('DST-005', sentence), ...(afterMs !== undefined && { afterMs }) };
    }
    case 'auth':
      return blocked('auth', 'DST-004', sentence);
    case 'reject':
    case 'too-large':
      return { kind: 'reject', why: `${REJECTED}: ${sentence}`, code: String(answer.status) };
    case 'compression':
    case 'config':
      return blocked('config', 'DST-007', sentence);
  }
}

const REJECTED: ErrorCode = 'DST-005';

function quote(text: string): string {
  const line = oneLine(text, MAX_QUOTE);
  return line && `: ${line}`;
}
