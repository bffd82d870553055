import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Test } from 'tap';

export interface StreamRelay {
  readonly port: number;
  /** Answers the end of a connection itself, whatever the receiver behind it has to say. */
  speaksForReceiver: boolean;
  /** Keeps what the receiver says after its first words until the client has ended. */
  keepsBack: boolean;
  /** Holds connections, as one that waits for its receiver to come back; `arrived` resolves with the first. */
  hold(): { readonly arrived: Promise<void>; release(): void };
}

/** A load balancer that passes bytes on, as HAProxy does with `mode tcp`; closed at the end of `t`. */
export async function startStreamRelay(t: Test, receiverPort: number): Promise<StreamRelay> {
  const arrival = { announce() {}, released: Promise.resolve() };
  const relay = {
    ...{ port: 0, speaksForReceiver: false, keepsBack: false },
    hold() {
      const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      Object.assign(arrival, { announce: arrived.resolve, released: released.promise });
      return { arrived: arrived.promise, release: released.resolve };
    },
  };
  const server = createServer({ allowHalfOpen: true }, async (client) => {
    arrival.announce();
    await arrival.released;
    const receiver = connect({ host: '127.0.0.1', port: receiverPort, allowHalfOpen: true });
    for (const socket of [client, receiver]) socket.on('error', () => socket.destroy());
    client.pipe(receiver);
    const kept: Buffer[] = [];
    receiver.on('data', (bytes: Buffer) => {
      if (relay.keepsBack && client.bytesWritten > 0 && !client.readableEnded) kept.push(bytes);
      // What comes after the client's end is the receiver's own.
      else if (!(relay.speaksForReceiver && client.readableEnded)) client.write(bytes);
    });
    receiver.on('end', () => client.end());
    client.on('end', () => {
      for (const bytes of kept) client.write(bytes);
      if (relay.speaksForReceiver) client.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  t.teardown(() => server.close());
  return Object.assign(relay, { port: address.port });
}
