import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';

import { resetSocket } from './reset-socket.ts';

/** Both ends of a connection; `near` is that of a server that may end last. */
async function connection(t: Test): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port }: AddressInfo = Object(server.address());
  const accepted = once(server, 'connection');
  const far = connect(port, '127.0.0.1').resume();
  const [near] = await accepted;
  server.close();
  t.teardown(() => far.destroy());
  return { near: near.resume(), far };
}

t.test('the peer of a connection hears of its reset', async (t) => {
  const { near, far } = await connection(t);
  const failed = once(far, 'error');

  resetSocket(near);

  t.match(await failed, [{ code: 'ECONNRESET' }]);
});

t.test('a connection whose end is under way is closed', async (t) => {
  const { near, far } = await connection(t);
  far.end();
  await once(near, 'end');
  const closed = once(near, 'close');

  near.end();
  resetSocket(near);

  t.same(await closed, [false], 'without an error');
});
