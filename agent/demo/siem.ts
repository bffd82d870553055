import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const unzip = promisify(gunzip);

/** A SIEM in this process, with an HTTP input (NDJSON) and a syslog input (octet counting). */
export interface EmbeddedSiem {
  readonly webhookUrl: string;
  readonly syslogPort: number;
  /** Records by input, in the order of arrival. */
  readonly received: { readonly lake: readonly string[]; readonly siem: readonly string[] };
  /** Until it is told otherwise the HTTP input takes nobody's credentials. */
  refuseLake(isRefused: boolean): void;
  close(): Promise<void>;
}

export async function startSiem(): Promise<EmbeddedSiem> {
  const lake: string[] = [];
  const siem: string[] = [];
  let isRefused = false;
  const http = createHttpServer((request, response) => {
    readBody(request).then(
      (body) => {
        if (isRefused) return void response.writeHead(401).end('token is not valid');
        lake.push(...body.split('\n').filter((line) => line !== ''));
        response.writeHead(204).end();
      },
      () => response.destroy(),
    );
  });
  const syslog = createTcpServer((socket) => receiveFrames(socket, (message) => siem.push(message)));
  const [httpPort, syslogPort] = [await listen(http), await listen(syslog)];
  return {
    webhookUrl: `http://127.0.0.1:${httpPort}/guardduty`,
    syslogPort,
    received: { lake, siem },
    refuseLake: (wanted) => {
      isRefused = wanted;
    },
    async close() {
      http.closeAllConnections();
      await Promise.all([closeServer(http), closeServer(syslog)]);
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  if (request.headers['content-encoding'] !== 'gzip') return await text(request);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return (await unzip(Buffer.concat(chunks))).toString('utf8');
}

/** RFC 6587 3.4.1: each message stands behind its length in bytes. */
function receiveFrames(socket: Socket, take: (message: string) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (let frame = nextFrame(pending); frame; frame = nextFrame(pending)) {
      take(frame.message);
      pending = frame.rest;
    }
  });
  // The sender may break off; what it had sent stands.
  socket.on('error', () => socket.destroy());
}

function nextFrame(buffer: Buffer): { readonly message: string; readonly rest: Buffer } | undefined {
  const space = buffer.indexOf(' ');
  if (space < 0) return undefined;
  const end = space + 1 + Number(buffer.toString('latin1', 0, space));
  if (!(buffer.length >= end)) return undefined;
  return { message: buffer.toString('utf8', space + 1, end), rest: buffer.subarray(end) };
}

async function listen(server: Server | ReturnType<typeof createHttpServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new TypeError('the embedded SIEM listens on TCP');
  return address.port;
}

async function closeServer(server: Server | ReturnType<typeof createHttpServer>): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}
