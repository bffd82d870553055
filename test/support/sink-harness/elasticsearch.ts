import { createBulkServer, type ItemFate } from '../bulk-server.ts';
import type { SinkHarness } from '../sink-contract.ts';
import type { WebhookRequest } from '../webhook-receiver.ts';
import { type HttpAnswer, type HttpManner, httpHarness } from './http.ts';

const NAME = 'logs-guardrelay-default';
const BUSY = {
  type: 'es_rejected_execution_exception',
  reason: 'rejected execution of coordinating operation',
};
const POISONED = { type: 'document_parsing_exception', reason: 'failed to parse field [id] of type [long]' };
const DENIED = { type: 'security_exception', reason: 'action [indices:data/write/bulk[s]] is unauthorized' };

/** A cluster that answers for each document. */
function bulkAnswers() {
  const server = createBulkServer({ dataStreams: [NAME] });
  return (request: WebhookRequest, manner: HttpManner): HttpAnswer => {
    if (manner === 'refuse') return { status: 403, body: JSON.stringify({ error: DENIED }), taken: [] };
    server.interfere = ({ line }): ItemFate | undefined => {
      if (manner === 'busy') return { status: 429, error: BUSY };
      return manner === 'choke' && line.includes('poison') ? { status: 400, error: POISONED } : undefined;
    };
    const before = server.sent.length;
    const { status, body } = server.answer(request);
    const lines = server.sent.slice(before).map(({ line }) => line);
    return { status, body, taken: lines.filter((_, at) => isThere(server.fates[at])) };
  };
}

function isThere(fate: ItemFate | undefined): boolean {
  return fate?.status === 201 || fate?.status === 409;
}

/** A harness keeps what it has indexed, so each test gets its own. */
function harness(type: 'elasticsearch' | 'opensearch', options: object): SinkHarness {
  return {
    name: type,
    start: (t) =>
      httpHarness({
        name: type,
        options: (url) => ({
          type,
          url: new URL('/', url).href,
          dataStream: NAME,
          format: 'raw',
          ...options,
        }),
        answer: bulkAnswers(),
      }).start(t),
  };
}

export const elasticsearch = harness('elasticsearch', { auth: { apiKey: 'env:KEY' } });
export const opensearch = harness('opensearch', { auth: { sigv4: { region: 'eu-west-1' } } });
