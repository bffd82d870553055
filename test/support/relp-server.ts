import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { Test } from 'tap';

import { createCondition } from './condition.ts';
import { resetSocket } from './reset-socket.ts';

interface RelpCommand {
  readonly txnr: number;
  readonly command: string;
  readonly text: string;
}

/** One connection, as the server sees it. */
interface RelpPeer {
  /** Its number, from 0. */
  readonly index: number;
  answer(txnr: number, words: string): void;
  /** Any bytes. */
  say(text: string): void;
  hangUp(): void;
  reset(): void;
}

/** What the server does about a command that is right so far. */
export type RelpManner = (asked: RelpCommand, peer: RelpPeer) => void;

export const OFFERS = '200 OK\nrelp_version=0\nrelp_software=fake\ncommands=syslog';

/** As librelp does. */
export const takes: RelpManner = ({ txnr, command }, peer) => {
  if (command === 'open') peer.answer(txnr, OFFERS);
  else if (command === 'syslog') peer.answer(txnr, '200 OK');
  else {
    peer.answer(txnr, '');
    peer.say('0 serverclose 0\n');
    peer.hangUp();
  }
};

/** Opens sessions and closes them; for each message it does what it is told. */
export function takesWith(manner: RelpManner): RelpManner {
  return (asked, peer) => (asked.command === 'syslog' ? manner : takes)(asked, peer);
}

export interface RelpServer {
  readonly port: number;
  manner: RelpManner;
  /** Messages answered with 200, in the order of the answers. */
  readonly taken: string[];
  /** Every command of each connection. */
  readonly sessions: RelpCommand[][];
  /** What it hung up for, because RELP does not allow it. */
  readonly violations: string[];
  /** The most commands of one connection that ever waited for their answers. */
  readonly mostUnanswered: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Resolves when this holds, looked at after whatever comes in and after the end of a connection. */
  until(holds: () => boolean): Promise<void>;
  /** Cuts every open connection. */
  cutAll(): void;
  /** Frees the port. */
  stop(): void;
}

/** A RELP server on loopback, strict about what it gets; closed at the end of `t`. */
export async function startRelpServer(t: Test, tls?: TlsOptions): Promise<RelpServer> {
  const listener = tls ? createTlsServer(tls, attend) : createServer(attend);
  const { until, changed } = createCondition();
  const sockets = new Set<Socket>();

  const server = {
    port: 0,
    manner: takes,
    taken: [] as string[],
    sessions: [] as RelpCommand[][],
    violations: [] as string[],
    mostUnanswered: 0,
    get open() {
      return sockets.size;
    },
    until,
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
    stop() {
      listener.close();
      server.cutAll();
    },
  };

  function attend(socket: Socket): void {
    const commands: RelpCommand[] = [];
    const unanswered = new Map<number, RelpCommand>();
    const split = createSplitter();
    const peer: RelpPeer = {
      index: server.sessions.push(commands) - 1,
      answer(txnr, words) {
        const asked = unanswered.get(txnr);
        unanswered.delete(txnr);
        if (asked?.command === 'syslog' && words.startsWith('200')) server.taken.push(asked.text);
        socket.write(rsp(txnr, words));
      },
      say: (text) => socket.write(text),
      hangUp: () => socket.end(),
      reset: () => resetSocket(socket),
    };

    function take(asked: RelpCommand): void {
      const wrong = violationOf(asked, commands);
      if (wrong !== undefined) {
        server.violations.push(wrong);
        socket.end('0 serverclose 0\n');
        return;
      }
      commands.push(asked);
      unanswered.set(asked.txnr, asked);
      server.mostUnanswered = Math.max(server.mostUnanswered, unanswered.size);
      server.manner(asked, peer);
    }

    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      for (const asked of split(chunk)) if (socket.writable) take(asked);
      changed();
    });
    socket.on('close', () => {
      sockets.delete(socket);
      changed();
    });
  }

  listener.on('tlsClientError', () => {});
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  server.port = address.port;
  t.teardown(() => server.stop());
  return server;
}

/** An answer as librelp writes it: without data there is no blank. */
export function rsp(txnr: number, words: string): string {
  const bytes = Buffer.byteLength(words);
  return bytes === 0 ? `${txnr} rsp 0\n` : `${txnr} rsp ${bytes} ${words}\n`;
}

/** Numbers from 1 without gaps; `open` first and once, nothing after `close`. */
function violationOf({ txnr, command }: RelpCommand, before: readonly RelpCommand[]): string | undefined {
  if (txnr !== before.length + 1) return `transaction number ${txnr} after ${before.length}`;
  if (!['open', 'syslog', 'close'].includes(command)) return `command ${command}`;
  if ((command === 'open') !== (before.length === 0)) return `${command} as number ${txnr}`;
  return before.at(-1)?.command === 'close' ? `${command} after close` : undefined;
}

const LF = 0x0a;

/** Written apart from the parser of the agent, so that the two cannot share a mistake. */
function createSplitter(): (chunk: Buffer) => readonly RelpCommand[] {
  let bytes = Buffer.alloc(0);

  function take(): RelpCommand | undefined {
    const start = bytes.toString('latin1', 0, 64);
    const [header, txnr, command = '', length] = /^(\S+) (\S+) (\d+)[ \n]/.exec(start) ?? [];
    if (header === undefined) return undefined;
    // Without data the end of the header is the end of the frame.
    const end = length === '0' ? header.length - 1 : header.length + Number(length);
    if (bytes.length <= end) return undefined;
    if (bytes[end] !== LF || (length === '0') !== header.endsWith('\n'))
      throw new Error(`no frame: ${start}`);
    const text = bytes.toString('utf8', header.length, end);
    bytes = bytes.subarray(end + 1);
    return { txnr: Number(txnr), command, text };
  }

  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    const commands: RelpCommand[] = [];
    for (let one = take(); one; one = take()) commands.push(one);
    return commands;
  };
}
