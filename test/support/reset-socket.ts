import type { Socket } from 'node:net';

/**
 * Ends a connection with a reset of the socket `below`, which is another one under TLS. Not while its FIN is under
 * way: libuv refuses that (uv_tcp_close_reset), and then Node 24 never closes the handle, and the process, instead of
 * ending, spins. Such a connection is just closed.
 */
export function resetSocket(socket: Socket, below = socket): void {
  const isEnding = socket.writableEnded && !socket.writableFinished;
  if (!isEnding) below.resetAndDestroy();
  socket.destroy();
}
