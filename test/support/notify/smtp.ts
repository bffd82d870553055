import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Test } from 'tap';

import { createSmtpChannel, smtpOptions } from '../../../agent/notify/channels/smtp.ts';
import type { ChannelHarness, ChannelManner } from '../channel-contract.ts';
import { type Certificate, createAuthority } from '../tls-certificates.ts';

const PASSWORD = 'p4ssw0rd-of-the-mail';
/** RFC 4616. */
const PLAIN = Buffer.from(`\0relay\0${PASSWORD}`).toString('base64');

/** RFC 5322 3.6: at most one of each. */
const ONCE = ['from', 'to', 'subject', 'message-id', 'date', 'mime-version', 'in-reply-to', 'references'];
const OTHERS = ['auto-submitted', 'content-type', 'content-transfer-encoding'];

export interface MailServer {
  readonly port: number;
  /** Whole messages as they came. */
  readonly mails: string[];
  manner: ChannelManner;
  /** Whether it knows STARTTLS. */
  offersTls: boolean;
  /** So many have tried to log in. */
  logins: number;
  readonly holding: Promise<void>;
  stop(): void;
}

/** What RFC 5321 and 5322 have against a message; undefined: nothing. */
function objection(mail: string): string | undefined {
  if (/[^\r]\n|\r(?!\n)/.test(mail)) return 'a bare CR or LF';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a message may hold
  if (/[^\u0009\u000a\u000d\u0020-\u007e]/.test(mail)) return 'not ASCII';
  if (mail.split('\r\n').some((line) => line.length > 998)) return 'a line of more than 998 characters';
  const [head = ''] = mail.split('\r\n\r\n');
  const names = head
    .replaceAll(/\r\n[ \t]/g, ' ')
    .split('\r\n')
    .map((line) => line.split(':')[0]?.toLowerCase() ?? '');
  const wrong = names.filter((name) => !ONCE.includes(name) && !OTHERS.includes(name));
  if (wrong.length > 0) return `the header ${wrong.join()}`;
  return ONCE.find((name) => names.filter((each) => each === name).length !== 1);
}

/** A server that wants STARTTLS and a password before anything else; closed at the end of `t`. */
async function startMailServer(t: Test, certificate: Certificate): Promise<MailServer> {
  const sockets = new Set<Socket>();
  const { promise: holding, resolve: nowHolding } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    if (state.manner === 'cut') socket.destroy();
    else if (state.manner === 'hold') nowHolding();
    else converse(socket, state, certificate);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;
  const state: MailServer = {
    ...{ port, mails: [], manner: 'take', offersTls: true, logins: 0, holding },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  t.teardown(() => state.stop());
  return state;
}

/** Reads lines, or the whole message after DATA, and writes what the session answers. */
function converse(plain: Socket, state: MailServer, { cert, key }: Certificate): void {
  const session = createSession(state);
  let socket = plain;
  let waiting = '';

  function hear(chunk: Buffer): void {
    waiting += chunk.toString('latin1');
    for (let end = session.end(); waiting.includes(end); end = session.end()) {
      const at = waiting.indexOf(end);
      const part = waiting.slice(0, at);
      waiting = waiting.slice(at + end.length);
      socket.write(`${session.answer(part, socket instanceof TLSSocket)}\r\n`);
      if (part.toUpperCase() === 'STARTTLS' && state.offersTls) secure();
    }
  }

  function secure(): void {
    plain.removeListener('data', hear);
    socket = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext({ cert, key }) });
    socket.on('error', () => {}).on('data', hear);
  }

  socket.write(state.manner === 'down' ? '421 4.3.2 shutting down\r\n' : '220 mail.example.com ESMTP\r\n');
  socket.on('data', hear);
}

/** What is answered to each command. */
function createSession(state: MailServer) {
  let isLoggedIn = false;
  let inMessage = false;

  function take(mail: string): string {
    inMessage = false;
    const wrong = objection(mail.replaceAll('\r\n..', '\r\n.'));
    if (wrong !== undefined) return `554 5.6.0 ${wrong}`;
    state.mails.push(mail);
    return '250 2.0.0 queued';
  }

  function login(line: string): string {
    state.logins += 1;
    if (state.manner === 'echo') return `535 5.7.8 ${line} relay ${PASSWORD}`;
    isLoggedIn = line === `AUTH PLAIN ${PLAIN}` && state.manner !== 'refuse';
    return isLoggedIn ? '235 2.7.0 ok' : '535 5.7.8 Authentication credentials invalid';
  }

  function deliver(verb: string): string {
    if (verb === 'MAIL') return state.manner === 'busy' ? '451 4.7.1 try later' : '250 2.1.0 ok';
    if (verb === 'RCPT') return '250 2.1.5 ok';
    inMessage = verb === 'DATA';
    return inMessage ? '354 go on' : '502 5.5.1 unknown';
  }

  /** What is answered at any time; undefined: that depends on the password. */
  function always(verb: string, isSecure: boolean): string | undefined {
    const extension = isSecure || !state.offersTls ? 'AUTH PLAIN' : 'STARTTLS';
    const answers = new Map([
      ['EHLO', `250-mail.example.com\r\n250 ${extension}`],
      ['QUIT', '221 2.0.0 bye'],
      ['STARTTLS', state.offersTls ? '220 2.0.0 go on' : '502 5.5.1 unknown'],
    ]);
    return answers.get(verb) ?? (isSecure ? undefined : '530 5.7.0 Must issue a STARTTLS command first');
  }

  function answer(line: string, isSecure: boolean): string {
    const [verb = ''] = line.toUpperCase().split(' ');
    const said = always(verb, isSecure);
    if (said !== undefined) return said;
    if (verb === 'AUTH') return login(line);
    return isLoggedIn ? deliver(verb) : '530 5.7.0 Authentication required';
  }

  return {
    end: () => (inMessage ? '\r\n.\r\n' : '\r\n'),
    answer: (part: string, isSecure: boolean) => (inMessage ? take(part) : answer(part, isSecure)),
  };
}

/** A mail server and the options of a channel to it. */
export async function startMailScene(t: Test) {
  const authority = await createAuthority();
  const server = await startMailServer(t, await authority.issue({ addresses: ['127.0.0.1'] }));
  const caFile = join(t.testdir({}), 'ca.pem');
  writeFileSync(caFile, authority.cert);
  const options = {
    ...{ id: 'mail', type: 'smtp', host: '127.0.0.1', port: server.port, caFile },
    ...{ username: 'relay', password: 'env:MAIL' },
    ...{ from: 'relay@example.com', to: ['soc@example.com', 'lead@example.com'] },
  };
  return { server, options };
}

export const MAIL_SECRETS = { 'env:MAIL': PASSWORD };

export const smtp: ChannelHarness = {
  name: 'smtp',
  secrets: MAIL_SECRETS,
  async start(t) {
    const { server, options } = await startMailScene(t);
    return {
      open: (deps) => createSmtpChannel(smtpOptions.parse(options), deps),
      far: {
        behave(manner) {
          server.manner = manner;
        },
        taken: () => server.mails.length,
        holding: () => server.holding,
        stop: () => server.stop(),
      },
    };
  },
};
