import type { Socket } from 'node:net';

/**
 * Ends a TCP connection with a reset. Not while its FIN is under way: libuv refuses that (uv_tcp_close_reset), and then
 * Node 24 never closes the handle, and the process, instead of ending, spins. Such a connection is just closed.
 */
export function resetSocket(socket: Socket): void {
  const isEnding = socket.writableEnded && !socket.writableFinished;
  if (isEnding) socket.destroy();
  else socket.resetAndDestroy();
}
