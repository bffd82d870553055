import type { Socket } from 'node:net';
import { errors, Pool } from 'undici';

import { createMask } from '../../model/mask.ts';
import { aborted, startTimer } from '../../model/timer.ts';
import { hostOf, portOf } from '../../model/url.ts';
import type { TlsOptions } from '../tls.ts';
import { type ConnectDeps, type Endpoint, endpointName, openConnection } from './connect.ts';
import { blocked, outcomeOf, retry, WireError } from './fault.ts';
import { type ForwardProxy, openThroughProxy, proxyName } from './proxy-tunnel.ts';

const SILENCE_MS = 30_000;
/** Headers and body together, so that a server which drips bytes cannot hold a batch for ever. */
const ANSWER_MS = 60_000;
const MAX_ANSWER_BYTES = 1_000_000;
const KEEP_IDLE_MS = 4_000;
const PARSER_ERRORS_TO_BLOCK = 20;
/** What is shorter in a query is a word, or a version. */
const SHORTEST_KEY = 16;

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** Values of `set-cookie`. */
  readonly cookies: readonly string[];
  readonly text: string;
}

interface HttpRequest {
  /** Absent: POST. */
  readonly method?: 'GET' | 'POST';
  /** With its query; absent: that of the target's URL. */
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Speaks HTTP/1.1 with one origin. It retries nothing and follows no redirect. */
export interface HttpClient {
  /** For messages: host and port, because a path or query may be a secret. */
  readonly name: string;
  /** Rejects with a WireError when there was no whole answer. */
  exchange(request: HttpRequest, signal: AbortSignal): Promise<Answer>;
  /** Safe twice. */
  close(deadlineMs: number): Promise<void>;
}

interface HttpTarget {
  readonly url: URL;
  readonly tls: TlsOptions;
  readonly connections: number;
  readonly proxy?: ForwardProxy | undefined;
  /** Absent: 1 MB. */
  readonly maxAnswerBytes?: number | undefined;
}

type Addressed = Required<Pick<HttpRequest, 'path' | 'headers'>>;

export function createHttpClient(
  { url, tls, connections, proxy, maxAnswerBytes = MAX_ANSWER_BYTES }: HttpTarget,
  deps: ConnectDeps,
): HttpClient {
  const endpoint = endpointOf(url, tls);
  // Only plain HTTP is read by the proxy; a tunnel hides everything from it.
  const forwarder = endpoint.tls ? undefined : proxy;
  const name = endpointName(endpoint) + (forwarder ? ` through ${proxyName(forwarder)}` : '');
  const life = new AbortController();
  let parserErrors = 0;
  let closed: Promise<void> | undefined;
  let socketError: Error | undefined;
  const pool = new Pool(url.origin, {
    connections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
    keepAliveTimeout: KEEP_IDLE_MS,
    maxResponseSize: maxAnswerBytes,
    // Our own connections: pins are checked on each (no session is ever resumed) and files are read anew.
    connect: (_, done) => {
      connect().then(
        (socket) => done(null, socket),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
      );
    },
  });

  async function connect(): Promise<Socket> {
    socketError = undefined;
    const socket = await (proxy
      ? openThroughProxy({ proxy, endpoint }, deps, life.signal)
      : openConnection(endpoint, deps, life.signal));
    return socket.once('error', (error) => {
      socketError = error;
    });
  }

  function meaning(error: unknown): WireError {
    if (error instanceof errors.ResponseExceededMaxSizeError) return endless(name, maxAnswerBytes);
    // A client certificate that TLS 1.3 refuses late reaches the request only as "other side closed".
    const cause = error instanceof errors.SocketError ? (socketError ?? error) : error;
    if (!(error instanceof errors.HTTPParserError)) return new WireError(outcomeOf(cause, name), error);
    parserErrors += 1;
    return notHttp(name, parserErrors >= PARSER_ERRORS_TO_BLOCK);
  }

  /** A proxy that reads requests wants the whole URL, and credentials of its own. */
  async function addressed(path: string, headers: HttpRequest['headers']): Promise<Addressed> {
    if (!forwarder) return { path, headers };
    return { path: url.origin + path, headers: { ...headers, ...(await forwarder.headers()) } };
  }

  async function close(deadlineMs: number): Promise<void> {
    using timer = startTimer(deps.clock, deadlineMs);
    await Promise.race([pool.close(), aborted(timer.signal)]);
    life.abort();
    await pool.destroy();
  }

  return {
    name,
    async exchange({ method = 'POST', path = url.pathname + url.search, headers, body }, signal) {
      using timer = startTimer(deps.clock, ANSWER_MS, signal);
      try {
        const request = await addressed(path, headers);
        const response = await pool.request({ ...request, method, body: body ?? null, signal: timer.signal });
        const text = await response.body.text();
        parserErrors = 0;
        return {
          status: response.statusCode,
          contentType: single(response.headers['content-type']) ?? '',
          retryAfter: single(response.headers['retry-after']),
          cookies: [response.headers['set-cookie'] ?? []].flat(),
          text: withoutCredentials(text, url, request.headers['proxy-authorization']),
        };
      } catch (error) {
        throw timer.expired ? late(name) : meaning(error);
      }
    },
    close(deadlineMs) {
      closed ??= close(deadlineMs);
      return closed;
    },
  };
}

function endpointOf(url: URL, tls: TlsOptions): Endpoint {
  const secure = url.protocol === 'https:';
  return { host: hostOf(url), port: portOf(url), ...(secure && { tls, alpn: ['http/1.1'] }) };
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** An error page may repeat what it was sent. */
function withoutCredentials(text: string, { searchParams }: URL, authorization = ''): string {
  const [, token = ''] = authorization.split(' ');
  const pair = Buffer.from(token, 'base64').toString();
  const mask = createMask();
  // Some services know no other way to let somebody in than a key in the query.
  for (const value of searchParams.values()) if (value.length >= SHORTEST_KEY) mask.hide(value);
  mask.hide(token);
  mask.hide(pair.slice(pair.indexOf(':') + 1));
  return mask.clean(text);
}

function late(name: string): WireError {
  return new WireError(retry('DST-005', `${name} did not finish its answer within ${ANSWER_MS / 1_000} s`));
}

function endless(name: string, maxBytes: number): WireError {
  const sentence = `${name} answered with more than ${maxBytes / 1_000_000} MB; is it the right URL?`;
  return new WireError(blocked('config', 'DST-007', sentence));
}

function notHttp(name: string, often: boolean): WireError {
  const sentence = `${name} does not answer in HTTP`;
  return new WireError(often ? blocked('config', 'DST-007', sentence) : retry('DST-005', sentence));
}
