import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Certificates } from './certificates.ts';
import { type Child, runChild, startChild } from './child.ts';
import { readLines } from './lines.ts';
import { freePort, untilListening } from './ports.ts';

/** How a message reaches rsyslogd: plain, or with TLS by GnuTLS or by OpenSSL. */
export const LISTENERS = ['tcp', 'gtls', 'ossl'] as const;
export type Listener = (typeof LISTENERS)[number];
/** RELP, plain or with TLS by the library that `relpTls` names; `relps` permits one name of a client only. */
const RELP_LISTENERS = ['relp', 'relps'] as const;
type RelpListener = (typeof RELP_LISTENERS)[number];
/** Every way. */
const INPUTS = [...LISTENERS, ...RELP_LISTENERS, 'udp'] as const;
type Input = (typeof INPUTS)[number];

/** A real rsyslogd, which writes each message as it came into one file per input. */
export interface Rsyslogd {
  readonly ports: Readonly<Record<Input, number>>;
  /** The messages written so far. */
  lines(input: Input): Promise<readonly string[]>;
  /** Where they stand. */
  file(input: Input): string;
  /** Freezes it: it accepts connections and reads nothing. */
  pause(): void;
  resume(): void;
  /** Ends it at once, without a word to its peers. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and files. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface RsyslogdOptions {
  /** One for all RELP inputs of a process. */
  readonly relpTls?: 'gnutls' | 'openssl';
  /** The most that it takes, as `10k`; RELP hangs up on more. Absent: more than anybody sends. */
  readonly maxMessageSize?: string;
  /** Parameters of the queue between the inputs and the files. */
  readonly mainQueue?: string;
}

export async function startRsyslogd(
  directory: string,
  certificates: Certificates,
  { relpTls = 'gnutls', maxMessageSize = '2m', mainQueue = '' }: RsyslogdOptions = {},
): Promise<Rsyslogd> {
  const ports = {
    tcp: await freePort(),
    gtls: await freePort(),
    ossl: await freePort(),
    relp: await freePort(),
    relps: await freePort(),
    udp: await freePort(),
  };
  const configFile = join(directory, 'rsyslog.conf');
  await mkdir(directory, { recursive: true });
  const setup = { ...certificates, directory, ports, relpTls, maxMessageSize, mainQueue };
  await writeFile(configFile, configuration(setup));
  await checkConfiguration(configFile);
  const fileOf = (input: Input): string => join(directory, `${input}.log`);
  let child: Child | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await child?.end(signal);
    child = undefined;
  };

  const rsyslogd: Rsyslogd = {
    ports,
    lines: (input) => readLines(fileOf(input)),
    file: fileOf,
    pause: () => child?.signal('SIGSTOP'),
    resume: () => child?.signal('SIGCONT'),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async start() {
      child = await startChild({ command: 'rsyslogd', args: ['-n', '-f', configFile, '-iNONE'] });
      await Promise.all([...LISTENERS, ...RELP_LISTENERS].map((listener) => untilListening(ports[listener])));
    },
  };
  await rsyslogd.start();
  return rsyslogd;
}

interface Setup extends Certificates, Required<RsyslogdOptions> {
  readonly directory: string;
  readonly ports: Rsyslogd['ports'];
}

/** No escaping: what comes in is written byte for byte, one message a line. */
function configuration(setup: Setup): string {
  const { directory, ports, caFile, certFile, keyFile, maxMessageSize, mainQueue } = setup;
  const rule = (input: Input): string =>
    `ruleset(name="${input}") { action(type="omfile" file="${directory}/${input}.log" template="raw") }`;
  const imtcp = (listener: Listener, driver: string): string =>
    `input(type="imtcp" address="127.0.0.1" port="${ports[listener]}" ruleset="${listener}"${driver})`;
  const tls = (name: string): string =>
    ` StreamDriver.Name="${name}" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"`;
  return [
    `global(workDirectory="${directory}" maxMessageSize="${maxMessageSize}" net.enableDNS="off"`,
    `  defaultNetstreamDriverCAFile="${caFile}" defaultNetstreamDriverCertFile="${certFile}"`,
    `  defaultNetstreamDriverKeyFile="${keyFile}"`,
    '  parser.escapeControlCharactersOnReceive="off" parser.dropTrailingLFOnReception="off")',
    `main_queue(${mainQueue})`,
    // A frame beyond maxFrameSize, 200,000 unless set, is taken for one that no count precedes.
    'module(load="imtcp" maxSessions="200" maxFrameSize="2000000")',
    'module(load="imudp")',
    'template(name="raw" type="string" string="%rawmsg%\\n")',
    ...INPUTS.map(rule),
    imtcp('tcp', ''),
    imtcp('gtls', tls('gtls')),
    imtcp('ossl', tls('ossl')),
    `input(type="imudp" address="127.0.0.1" port="${ports.udp}" ruleset="udp" rcvbufSize="4m")`,
    ...relpInputs(setup),
    '',
  ].join('\n');
}

function relpInputs(setup: Setup): readonly string[] {
  const { ports, caFile, certFile, keyFile, clientName, relpTls, maxMessageSize } = setup;
  const imrelp = (listener: RelpListener, tls: string): string =>
    `input(type="imrelp" address="127.0.0.1" port="${ports[listener]}" ruleset="${listener}" ${limit}${tls})`;
  const limit = `maxDataSize="${maxMessageSize}" oversizeMode="abort"`;
  const files = `tls.caCert="${caFile}" tls.myCert="${certFile}" tls.myPrivKey="${keyFile}"`;
  return [
    `module(load="imrelp" tls.tlslib="${relpTls}")`,
    imrelp('relp', ''),
    imrelp('relps', ` tls="on" tls.authMode="name" tls.permittedPeer=["${clientName}"] ${files}`),
  ];
}

async function checkConfiguration(configFile: string): Promise<void> {
  const ran = await runChild({ command: 'rsyslogd', args: ['-N1', '-f', configFile] });
  if (ran.code !== 0) throw new Error(`rsyslogd refuses its configuration: ${ran.stderr}`);
}
