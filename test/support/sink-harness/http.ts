import type { ServerResponse } from 'node:http';
import type { Test } from 'tap';

import type { SinkDeps } from '../../../agent/ship/destination.ts';
import { idIn } from '../ship-records.ts';
import type { Manner, SinkHarness } from '../sink-contract.ts';
import { startWebhookReceiver, type WebhookRequest } from '../webhook-receiver.ts';
import { openSink } from './open-sink.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly body?: string;
  /** The texts of the records that this answer takes. */
  readonly taken: readonly string[];
}

/** `hold` and `cut` are the connection's affair. */
export type HttpManner = Exclude<Manner, 'cut' | 'hold'>;

/** What a kind of HTTP destination adds to the plain one: its options, and the answers of its service. */
export interface HttpKind {
  readonly name: string;
  options(url: string): Readonly<Record<string, unknown>>;
  readonly deps?: Partial<SinkDeps>;
  answer(request: WebhookRequest, manner: HttpManner): HttpAnswer;
}

/** Any HTTP destination against a service that answers as told. */
export function httpHarness({ name, options, deps, answer }: HttpKind): SinkHarness {
  return {
    name,
    async start(t: Test) {
      const receiver = await startWebhookReceiver(t);
      const held: (() => void)[] = [];
      const { promise: holding, resolve: nowHolding } = Promise.withResolvers<void>();
      const taken: string[] = [];
      const behave = (manner: Manner): void => {
        receiver.cuts = manner === 'cut';
        receiver.answer = (request) => {
          const reply = answer(request, manner === 'cut' || manner === 'hold' ? 'take' : manner);
          taken.push(...reply.taken.map(idIn));
          // A request without records, such as one for a token, is not worth holding.
          if (manner !== 'hold' || reply.taken.length === 0) return reply;
          nowHolding();
          return { write: (response: ServerResponse) => held.push(() => respond(response, reply)) };
        };
      };
      behave('take');
      return {
        sink: openSink(t, { insecureTransport: true, ...options(receiver.url) }, deps),
        far: {
          behave,
          taken: () => taken,
          holding: () => holding,
          release() {
            for (const answerNow of held) answerNow();
          },
        },
      };
    },
  };
}

function respond(response: ServerResponse, { status, body }: HttpAnswer): void {
  response.writeHead(status).end(body);
}
