import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

import type { Clock } from '../../model/clock.ts';
import type { Outcome } from '../../model/outcome.ts';
import { type TlsOptions, tlsConnectOptions } from '../tls.ts';
import { createGuardedLookup, refusalOf } from './address.ts';
import { blocked, codeOf, isCut, retry, tlsFailed, WireError } from './fault.ts';
import { startTimer } from './timer.ts';

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

/** How an endpoint is named in messages: never with a path, a query or credentials. */
export function endpointName({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Opens a connection that is ready to carry data. Rejects with an error that `outcomeOf` understands. */
export async function openConnection(endpoint: Endpoint, clock: Clock, signal: AbortSignal): Promise<Socket> {
  const refusal = refusalOf(endpoint.host);
  if (refusal) throw refusal;
  const name = endpointName(endpoint);
  const options = endpoint.tls && (await tlsConnectOptions(endpoint.tls, endpoint.host));
  const socket = connectTcp({
    host: endpoint.host,
    port: endpoint.port,
    lookup: createGuardedLookup(),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
  const late = retry('DST-002', `${name} did not accept the connection within ${CONNECT_MS / 1_000} s`);
  await arrival(socket, { event: 'connect', ms: CONNECT_MS, late, clock, signal });
  if (!options) return socket;
  const alpn = endpoint.alpn && { ALPNProtocols: [...endpoint.alpn] };
  return secure(socket, name, { options: { ...options, ...alpn }, clock, signal });
}

interface Handshake {
  readonly options: ConnectionOptions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function secure(tcp: Socket, name: string, { options, clock, signal }: Handshake): Promise<Socket> {
  const socket = connectTls({ ...options, socket: tcp });
  // Node itself would wait without end for a server that is silent because it does not speak TLS.
  const late = blocked('tls', 'DST-003', `${name} did not answer the TLS handshake; is it a plain port?`);
  try {
    await arrival(socket, { event: 'secureConnect', ms: HANDSHAKE_MS, late, clock, signal });
  } catch (error) {
    if (error instanceof WireError || isCut(error) || NETWORK.has(codeOf(error))) throw error;
    throw new WireError(tlsFailed(name, error), error);
  }
  return socket;
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
