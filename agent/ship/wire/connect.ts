import { type LookupAddress, lookup } from 'node:dns';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import type { Clock } from '../../model/clock.ts';
import type { Outcome } from '../../model/outcome.ts';
import { startTimer } from '../../model/timer.ts';
import { authorityOf } from '../../model/url.ts';
import { type TlsOptions, tlsConnectOptions } from '../tls.ts';
import { createGuardedLookup, refusalOf } from './address.ts';
import { type ConnectionStep, tlsFacts } from './connection-step.ts';
import { blocked, codeOf, isCut, retry, tlsFailed, WireError } from './fault.ts';

const CONNECT_MS = 10_000;
const HANDSHAKE_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;
/** During the handshake these are trouble of the network, not of the certificates. */
const NETWORK = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ABORT_ERR']);

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Absent: plain TCP. */
  readonly tls?: TlsOptions;
  readonly alpn?: readonly string[];
}

export interface ConnectDeps {
  readonly clock: Clock;
  /** Told of each step that went well. */
  onConnectionStep?(step: ConnectionStep): void;
}

/** How an endpoint is named in messages: never with a path, a query or credentials. */
export function endpointName({ host, port }: Endpoint): string {
  return authorityOf(host, port);
}

/** Opens a connection that is ready to carry data. Rejects with an error that `outcomeOf` understands. */
export async function openConnection(
  endpoint: Endpoint,
  deps: ConnectDeps,
  signal: AbortSignal,
): Promise<Socket> {
  const secure = await prepareTls(endpoint, deps);
  return secure(await openTcp(endpoint, deps, signal), signal);
}

async function openTcp(endpoint: Endpoint, deps: ConnectDeps, signal: AbortSignal): Promise<Socket> {
  const { host, port } = endpoint;
  const name = endpointName(endpoint);
  const socket = connectTcp({
    ...{ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    lookup: createGuardedLookup((asked, options, done) =>
      lookup(asked, options, (error, addresses) => {
        if (!error) tellAddresses(asked, addresses, deps);
        done(error, addresses);
      }),
    ),
  });
  const late = retry('DST-002', `${name} did not accept the connection within ${CONNECT_MS / 1_000} s`);
  await arrival(socket, { event: 'connect', ms: CONNECT_MS, late, clock: deps.clock, signal });
  deps.onConnectionStep?.({ kind: 'connected', to: name, address: socket.remoteAddress ?? '' });
  return socket;
}

function tellAddresses(host: string, addresses: readonly LookupAddress[], deps: ConnectDeps): void {
  deps.onConnectionStep?.({ kind: 'resolved', host, addresses: addresses.map(({ address }) => address) });
}

/** Makes a TCP connection secure, or leaves it as it is where the endpoint wants no TLS. */
export type Secure = (tcp: Socket, signal: AbortSignal) => Promise<Socket>;

/** Refuses forbidden hosts and reads the files of the TLS options, before anybody is called. */
export async function prepareTls(endpoint: Endpoint, deps: ConnectDeps): Promise<Secure> {
  const refusal = refusalOf(endpoint.host);
  if (refusal) throw refusal;
  const { host, tls, alpn } = endpoint;
  if (!tls) return async (tcp) => tcp;
  const options = await tlsConnectOptions(tls, host);
  const offer = alpn && { ALPNProtocols: [...alpn] };
  return async (tcp, signal) => {
    const socket = connectTls({ ...options, ...offer, socket: tcp });
    carriers.set(socket, tcp);
    await handshake(socket, endpointName(endpoint), { clock: deps.clock, signal });
    deps.onConnectionStep?.({ kind: 'secured', to: endpointName(endpoint), facts: tlsFacts(socket) });
    return socket;
  };
}

/** The TCP connection under a TLS one. */
const carriers = new WeakMap<Socket, Socket>();

/** Bytes that the peer has sent, with all that TLS itself says: its alerts reach no reader. */
export function bytesFromPeer(socket: Socket): number {
  return (carriers.get(socket) ?? socket).bytesRead;
}

async function handshake(
  socket: Socket,
  name: string,
  limits: Pick<Arrival, 'clock' | 'signal'>,
): Promise<void> {
  // Node itself would wait without end for a server that is silent because it does not speak TLS.
  const late = blocked('tls', 'DST-003', `${name} did not answer the TLS handshake; is it a plain port?`);
  try {
    await arrival(socket, { event: 'secureConnect', ms: HANDSHAKE_MS, late, ...limits });
  } catch (error) {
    if (error instanceof WireError || isCut(error) || NETWORK.has(codeOf(error))) throw error;
    throw new WireError(tlsFailed(name, error), error);
  }
}

interface Arrival {
  readonly event: 'connect' | 'secureConnect';
  readonly ms: number;
  readonly late: Outcome;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Waits for `event`; on anything else the socket is gone. */
async function arrival(socket: Socket, { event, ms, late, clock, signal }: Arrival): Promise<void> {
  // A socket may fail again after nobody waits for it any more.
  socket.on('error', () => {});
  using timer = startTimer(clock, ms, signal);
  try {
    await once(socket, event, { signal: timer.signal });
  } catch (error) {
    socket.destroy();
    throw timer.expired ? new WireError(late, error) : error;
  }
}
