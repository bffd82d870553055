import type { WebhookRequest } from '../webhook-receiver.ts';
import type { HttpAnswer, HttpManner } from './http.ts';

export interface StrictService {
  /** Status of success. */
  readonly taken: number;
  /** What it answers then. */
  readonly body?: string;
  /** The texts of the records in a request, or undefined when the request is not as the service documents it. */
  textsIn(request: WebhookRequest): readonly string[] | undefined;
}

/** A service that refuses what it does not document, and a batch with the word poison as a whole. */
export function strictAnswers({ taken, body, textsIn }: StrictService) {
  return (request: WebhookRequest, manner: HttpManner): HttpAnswer => {
    const texts = textsIn(request);
    if (manner === 'refuse') return { status: 403, taken: [] };
    if (manner === 'busy') return { status: 503, taken: [] };
    const chokes = manner === 'choke' && texts?.some((text) => text.includes('poison'));
    if (!texts || chokes) return { status: 400, taken: [] };
    return { status: taken, taken: texts, ...(body !== undefined && { body }) };
  };
}
