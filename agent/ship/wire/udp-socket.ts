import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6, type LookupFunction } from 'node:net';

import type { Outcome } from '../../model/outcome.ts';
import { aborted, startTimer } from '../../model/timer.ts';
import { createGuardedLookup } from './address.ts';
import { type ConnectDeps, type Endpoint, endpointName } from './connect.ts';
import { retry, WireError } from './fault.ts';

const RESOLVE_MS = 10_000;

/** A UDP socket that is connected, so that the network can say that nobody listens. */
export interface UdpSocket {
  /** Aborts, with the error as its reason, when the kernel or the network refused a datagram. */
  readonly refusal: AbortSignal;
  /** Resolves when the kernel has taken the datagram, which proves nothing, or has refused it. */
  send(datagram: Buffer): Promise<void>;
  close(): void;
}

interface SocketDeps extends ConnectDeps {
  readonly lookup?: LookupFunction;
}

/** Opens a socket to the first address of the host that there is a way to. */
export async function openUdpSocket(
  endpoint: Endpoint,
  { clock, onConnectionStep, lookup = createGuardedLookup() }: SocketDeps,
  signal: AbortSignal,
): Promise<UdpSocket> {
  using timer = startTimer(clock, RESOLVE_MS, signal);
  const late = retry('DST-001', `the name in ${endpointName(endpoint)} was not resolved in time`);
  const addresses = await Promise.race([addressesOf(endpoint.host, lookup), expiry(timer.signal, late)]);
  onConnectionStep?.({ kind: 'resolved', host: endpoint.host, addresses });
  return watched(await connectFirst(addresses, endpoint.port));
}

function addressesOf(host: string, lookup: LookupFunction): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, found) => {
      if (error) reject(error);
      else resolve(typeof found === 'string' ? [found] : found.map(({ address }) => address));
    });
  });
}

async function expiry(signal: AbortSignal, late: Outcome): Promise<never> {
  await aborted(signal);
  throw new WireError(late);
}

async function connectFirst(addresses: readonly string[], port: number): Promise<Socket> {
  let failure: unknown;
  for (const address of addresses) {
    try {
      return await connectTo(address, port);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function connectTo(address: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    socket.connect(port, address);
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

function watched(socket: Socket): UdpSocket {
  const refused = new AbortController();
  // What comes back from the network for a datagram reaches us here, or at the next one that is sent.
  const refuse = (error: Error): void => refused.abort(error);
  socket.on('error', refuse);
  return {
    refusal: refused.signal,
    send: (datagram) =>
      new Promise((resolve) => {
        socket.send(datagram, (error) => {
          if (error) refuse(error);
          resolve();
        });
      }),
    close: () => socket.close(),
  };
}
