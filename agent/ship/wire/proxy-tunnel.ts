import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';

import type { Outcome } from '../../model/outcome.ts';
import { startTimer } from '../../model/timer.ts';
import { refusalOf } from './address.ts';
import { type ConnectDeps, type Endpoint, endpointName, openConnection, prepareTls } from './connect.ts';
import { blocked, codeOf, outcomeOf, retry, WireError } from './fault.ts';

/** The proxy needs time for its own connection to the destination. */
const TUNNEL_MS = 30_000;

/** A forward proxy on the way to an HTTP server. */
export interface ForwardProxy {
  readonly endpoint: Endpoint;
  /** For the proxy alone: its credentials. Rejects with a WireError while they cannot be read. */
  headers(): Promise<Readonly<Record<string, string>>>;
}

interface Way {
  readonly proxy: ForwardProxy;
  readonly endpoint: Endpoint;
}

/**
 * Opens a connection through the proxy. For TLS it asks for a tunnel (RFC 9110 9.3.6), inside of which all is as
 * without a proxy; plain HTTP is spoken with the proxy, which forwards each request.
 */
export function openThroughProxy(way: Way, deps: ConnectDeps, signal: AbortSignal): Promise<Socket> {
  return way.endpoint.tls ? openTunnel(way, deps, signal) : openForward(way, deps, signal);
}

async function openForward(
  { proxy, endpoint }: Way,
  deps: ConnectDeps,
  signal: AbortSignal,
): Promise<Socket> {
  const refusal = refusalOf(endpoint.host);
  if (refusal) throw refusal;
  const socket = await openProxy(proxy, deps, signal);
  tellProxied({ proxy, endpoint }, deps);
  return socket;
}

async function openTunnel({ proxy, endpoint }: Way, deps: ConnectDeps, signal: AbortSignal): Promise<Socket> {
  const secure = await prepareTls(endpoint, deps);
  const to = endpointName(endpoint);
  const headers = { host: to, connection: 'keep-alive', ...(await proxy.headers()) };
  const socket = await openProxy(proxy, deps, signal);
  const name = proxyName(proxy);
  using timer = startTimer(deps.clock, TUNNEL_MS, signal);
  try {
    const status = await ask(socket, { path: to, headers, signal: timer.signal });
    const refused = outcomeOfStatus(status, `${name} answered ${status} when asked for ${to}`);
    if (refused) throw new WireError(refused);
  } catch (error) {
    socket.destroy();
    throw timer.expired ? new WireError(late(name, to), error) : failed(name, error);
  }
  tellProxied({ proxy, endpoint }, deps);
  return await secure(socket, signal);
}

function tellProxied({ proxy, endpoint }: Way, deps: ConnectDeps): void {
  const [to, through] = [endpointName(endpoint), endpointName(proxy.endpoint)];
  deps.onConnectionStep?.({ kind: 'proxied', to, through });
}

async function openProxy(proxy: ForwardProxy, deps: ConnectDeps, signal: AbortSignal): Promise<Socket> {
  try {
    return await openConnection(proxy.endpoint, deps, signal);
  } catch (error) {
    throw new WireError(outcomeOf(error, proxyName(proxy)), error);
  }
}

interface ConnectRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The status of the proxy's answer. */
async function ask(socket: Socket, { path, headers, signal }: ConnectRequest): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request({ createConnection: () => socket, method: 'CONNECT', path, headers, signal })
    .once('connect', (answer: IncomingMessage, _: unknown, early: Buffer) => {
      // What came with the head belongs to the destination.
      if (early.length > 0) socket.unshift(early);
      resolve(answer);
    })
    .on('error', reject)
    .end();
  return (await promise).statusCode ?? 0;
}

/** Undefined: the tunnel stands. */
function outcomeOfStatus(status: number, sentence: string): Outcome | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 407) return blocked('auth', 'DST-004', sentence);
  if (status === 429 || status >= 500) return retry('DST-002', sentence);
  return blocked('config', 'DST-007', sentence);
}

function failed(name: string, error: unknown): WireError {
  if (error instanceof WireError) return error;
  const isParserError = codeOf(error).startsWith('HPE_');
  const outcome = isParserError
    ? blocked('config', 'DST-007', `${name} does not answer in HTTP`)
    : outcomeOf(error, name);
  return new WireError(outcome, error);
}

function late(name: string, to: string): Outcome {
  return retry('DST-002', `${name} did not connect to ${to} within ${TUNNEL_MS / 1_000} s`);
}

/** For messages: without its credentials. */
export function proxyName({ endpoint }: ForwardProxy): string {
  return `the proxy ${endpointName(endpoint)}`;
}
