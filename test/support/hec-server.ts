import type { Test } from 'tap';

import {
  createHecIndexer,
  type HecAnswer,
  type HecEvent,
  type HecIndexer,
  type HecToken,
} from './hec-indexer.ts';
import { startWebhookReceiver, type WebhookReceiver, type WebhookRequest } from './webhook-receiver.ts';

interface HecReply extends HecAnswer {
  readonly headers?: Readonly<Record<string, string>>;
}

/** Made from Splunk's documentation; not a Splunk. */
export interface HecServer {
  /** Without a path. */
  readonly url: string;
  readonly receiver: WebhookReceiver;
  readonly token: HecToken;
  readonly indexers: readonly HecIndexer[];
  /** Whether the load balancer follows its own cookies. */
  sticky: boolean;
  /** What to answer in place of an indexer. */
  override: ((request: WebhookRequest) => HecReply | undefined) | undefined;
  /** Which indexer got each request, and for what path. */
  readonly routed: { readonly indexer: number; readonly path: string }[];
  events(): readonly HecEvent[];
}

/** What `sinkDeps` reads for `env:T`. */
const TOKEN = 'secret of env:T';

/** Indexers behind a load balancer that keeps a client at one of them by a cookie. */
export async function startHecServer(t: Test, count = 1): Promise<HecServer> {
  const receiver = await startWebhookReceiver(t);
  const token: HecToken = { value: TOKEN, disabled: false, ack: true, indexes: ['main'] };
  const indexers = Array.from({ length: count }, () => createHecIndexer(token));
  let turn = 0;

  function route({ headers }: WebhookRequest): number {
    const known = /(?:^|; )indexer=(\d+)/.exec(headers.cookie ?? '')?.[1];
    if (server.sticky && known !== undefined) return Number(known);
    turn += 1;
    return (turn - 1) % count;
  }

  receiver.answer = (request) => {
    const scripted = server.override?.(request);
    if (scripted) return scripted;
    if (!isEndpoint(request))
      return { status: 404, body: '{"text":"The requested URL was not found","code":404}' };
    const indexer = route(request);
    server.routed.push({ indexer, path: request.path });
    const answer = indexers[indexer]?.answer(request) ?? { status: 502, body: '' };
    return { ...answer, headers: { 'set-cookie': `indexer=${indexer}; Path=/; HttpOnly` } };
  };

  const server: HecServer = {
    url: new URL(receiver.url).origin,
    receiver,
    token,
    indexers,
    sticky: true,
    override: undefined,
    routed: [],
    events: () => indexers.flatMap(({ events }) => events),
  };
  return server;
}

function isEndpoint({ method, path }: WebhookRequest): boolean {
  return method === 'POST' && /^\/services\/collector\/(event|raw|ack)(\?|$)/.test(path);
}
