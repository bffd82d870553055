import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const TICK_MS = 50;

/** A long way to a RELP server: what comes in during a tick goes on at its end, so a round trip takes two ticks. */
export interface DelayLine {
  readonly port: number;
  /** How often messages went on to the server: each time one round trip begins. */
  readonly trips: number;
  /** The most messages that the client had sent without being handed the answers. */
  readonly mostUnanswered: number;
  close(): Promise<void>;
}

export async function startDelayLine(serverPort: number): Promise<DelayLine> {
  const ways: { readonly toServer: Way; readonly toClient: Way }[] = [];
  const sockets = new Set<Socket>();
  let trips = 0;
  let unanswered = 0;
  let mostUnanswered = 0;

  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    for (const socket of [client, server]) sockets.add(socket.on('error', () => {}).setNoDelay(true));
    const toServer = createWay(client, server, /^\d+ syslog /);
    const toClient = createWay(server, client, /^\d+ rsp 6 200 OK$/);
    client.on('data', () => {
      mostUnanswered = Math.max(mostUnanswered, unanswered + toServer.waiting);
    });
    ways.push({ toServer, toClient });
  });
  const ticking = setInterval(() => {
    for (const { toServer, toClient } of ways) {
      const messages = toServer.flush();
      if (messages > 0) trips += 1;
      unanswered += messages - toClient.flush();
    }
  }, TICK_MS);
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the delay line has no port');

  return {
    port: address.port,
    get trips() {
      return trips;
    },
    get mostUnanswered() {
      return mostUnanswered;
    },
    async close() {
      clearInterval(ticking);
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

interface Way {
  /** Lines of the kind that is counted, which have come in and not gone on. */
  readonly waiting: number;
  /** Lets everything go on; answers how many of these lines there were. */
  flush(): number;
}

function createWay(from: Socket, to: Socket, counted: RegExp): Way {
  let held: Buffer[] = [];
  let waiting = 0;
  let partial = '';
  let ended = false;
  from.on('data', (chunk: Buffer) => {
    held.push(chunk);
    const lines = (partial + chunk.toString('latin1')).split('\n');
    partial = lines.pop() ?? '';
    waiting += lines.filter((line) => counted.test(line)).length;
  });
  from.on('end', () => {
    ended = true;
  });
  return {
    get waiting() {
      return waiting;
    },
    flush() {
      const count = waiting;
      to.write(Buffer.concat(held));
      if (ended) to.end();
      held = [];
      waiting = 0;
      return count;
    },
  };
}
