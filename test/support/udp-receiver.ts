import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Test } from 'tap';

export interface UdpReceiver {
  readonly port: number;
  /** In order of arrival. */
  readonly messages: string[];
  /** Resolves when this many have arrived. */
  received(count: number): Promise<void>;
  /** Frees the port: from now on the kernel says that nobody listens. */
  stop(): Promise<void>;
}

/** A UDP syslog receiver on loopback; closed at the end of `t`. */
export async function startUdpReceiver(
  t: Test,
  { address = '127.0.0.1', port = 0 } = {},
): Promise<UdpReceiver> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4_194_304 });
  const messages: string[] = [];
  let open = true;
  socket.on('message', (datagram) => messages.push(datagram.toString()));
  socket.bind(port, address);
  await once(socket, 'listening');
  const receiver: UdpReceiver = {
    port: socket.address().port,
    messages,
    async received(count) {
      while (messages.length < count) await once(socket, 'message');
    },
    async stop() {
      if (!open) return;
      open = false;
      socket.close();
      await once(socket, 'close');
    },
  };
  t.teardown(() => receiver.stop());
  return receiver;
}
