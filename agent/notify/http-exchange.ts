import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';

import type { Clock } from '../model/clock.ts';
import type { ProxyChoice, ProxyServer } from '../model/proxy.ts';
import { startTimer } from '../model/timer.ts';
import { authorityOf, hostOf, portOf } from '../model/url.ts';
import { authoritiesOf } from './authorities.ts';

/** Connection, request and answer together. */
const ANSWER_MS = 20_000;
/** Kept of an answer: enough for what vendors say. */
const MAX_ANSWER_BYTES = 16_384;

export interface HttpMessage {
  readonly url: URL;
  /** Absent: POST. */
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

export interface ExchangeDeps {
  readonly clock: Clock;
  readonly proxyFor?: ProxyChoice | undefined;
  /** PEM file of the authorities to trust instead of the public ones. */
  readonly caFile?: string | undefined;
}

/** How the far side is named in sentences: host and port, because path and query may be secrets. */
export function nameOf(url: URL): string {
  return authorityOf(hostOf(url), portOf(url));
}

/**
 * One request and its answer, on a connection of its own: messages are rare, and a renewed certificate or a moved
 * name takes effect at once. No redirect is followed: it would carry credentials away. Throws an Error whose message
 * is fit for people when there was no answer.
 */
export async function exchange(
  message: HttpMessage,
  deps: ExchangeDeps,
  signal: AbortSignal,
): Promise<Answer> {
  using timer = startTimer(deps.clock, ANSWER_MS, signal);
  const dispatcher = await dispatcherTo(message.url, deps);
  try {
    const { url, method = 'POST', headers, body } = message;
    const response = await request(url, {
      ...{ dispatcher, method, headers, signal: timer.signal },
      body: body ?? null,
    });
    const text = await beginningOf(response.body);
    return { status: response.statusCode, retryAfter: single(response.headers['retry-after']), text };
  } catch (error) {
    throw new Error(`${nameOf(message.url)} ${whyNot(error, timer.expired, signal.aborted)}`, {
      cause: error,
    });
  } finally {
    await dispatcher.destroy();
  }
}

async function dispatcherTo(url: URL, { proxyFor, caFile }: ExchangeDeps): Promise<Dispatcher> {
  const ca = await authoritiesOf(caFile);
  const proxy = proxyFor?.(url);
  // The timer limits everything; undici's own limits would only report it under another name.
  const limits = { headersTimeout: 0, bodyTimeout: 0 };
  if (!proxy) return new Agent({ ...limits, connect: { ...ca, timeout: 0 } });
  const { authorization: token } = proxy;
  return new ProxyAgent({ ...limits, uri: addressOf(proxy), requestTls: ca, ...(token && { token }) });
}

function addressOf({ host, port, secure }: ProxyServer): string {
  return `${secure ? 'https' : 'http'}://${authorityOf(host, port)}`;
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_ANSWER_BYTES);
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function whyNot(error: unknown, isLate: boolean, isStopped: boolean): string {
  if (isLate) return `did not answer within ${ANSWER_MS / 1_000} s`;
  if (isStopped) return 'had not answered when the sending was stopped';
  return `cannot be reached (${codeOf(error)})`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
