import type { Socket } from 'node:net';
import { errors, Pool } from 'undici';

import type { Clock } from '../../model/clock.ts';
import type { TlsOptions } from '../tls.ts';
import { type Endpoint, endpointName, openConnection } from './connect.ts';
import { blocked, outcomeOf, retry, WireError } from './fault.ts';
import { aborted, startTimer } from './timer.ts';

const SILENCE_MS = 30_000;
/** Headers and body together, so that a server which drips bytes cannot hold a batch for ever. */
const ANSWER_MS = 60_000;
const MAX_ANSWER_BYTES = 1_000_000;
const KEEP_IDLE_MS = 4_000;
const PARSER_ERRORS_TO_BLOCK = 20;

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** Values of `set-cookie`. */
  readonly cookies: readonly string[];
  readonly text: string;
}

export interface HttpRequest {
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
}

export function createHttpClient({ url, tls, connections }: HttpTarget, clock: Clock): HttpClient {
  const endpoint = endpointOf(url, tls);
  const name = endpointName(endpoint);
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
    maxResponseSize: MAX_ANSWER_BYTES,
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
    const socket = await openConnection(endpoint, clock, life.signal);
    return socket.once('error', (error) => {
      socketError = error;
    });
  }

  function meaning(error: unknown): WireError {
    if (error instanceof errors.ResponseExceededMaxSizeError) return endless(name);
    // A client certificate that TLS 1.3 refuses late reaches the request only as "other side closed".
    const cause = error instanceof errors.SocketError ? (socketError ?? error) : error;
    if (!(error instanceof errors.HTTPParserError)) return new WireError(outcomeOf(cause, name), error);
    parserErrors += 1;
    return notHttp(name, parserErrors >= PARSER_ERRORS_TO_BLOCK);
  }

  async function close(deadlineMs: number): Promise<void> {
    using timer = startTimer(clock, deadlineMs);
    await Promise.race([pool.close(), aborted(timer.signal)]);
    life.abort();
    await pool.destroy();
  }

  return {
    name,
    async exchange({ method = 'POST', path = url.pathname + url.search, headers, body }, signal) {
      using timer = startTimer(clock, ANSWER_MS, signal);
      try {
        const request = { method, path, headers, body: body ?? null, signal: timer.signal };
        const response = await pool.request(request);
        const text = await response.body.text();
        parserErrors = 0;
        return {
          status: response.statusCode,
          contentType: single(response.headers['content-type']) ?? '',
          retryAfter: single(response.headers['retry-after']),
          cookies: [response.headers['set-cookie'] ?? []].flat(),
          text,
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

/** The host as sockets want it: an IPv6 address without its brackets. */
export function hostOf(url: URL | null): string {
  return url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
}

function endpointOf(url: URL, tls: TlsOptions): Endpoint {
  const host = hostOf(url);
  const secure = url.protocol === 'https:';
  const port = Number(url.port || (secure ? 443 : 80));
  return { host, port, ...(secure && { tls, alpn: ['http/1.1'] }) };
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function late(name: string): WireError {
  return new WireError(retry('DST-005', `${name} did not finish its answer within ${ANSWER_MS / 1_000} s`));
}

function endless(name: string): WireError {
  const sentence = `${name} answered with more than ${MAX_ANSWER_BYTES / 1_000_000} MB; is it the right URL?`;
  return new WireError(blocked('config', 'DST-007', sentence));
}

function notHttp(name: string, often: boolean): WireError {
  const sentence = `${name} does not answer in HTTP`;
  return new WireError(often ? blocked('config', 'DST-007', sentence) : retry('DST-005', sentence));
}
