import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Certificates } from './certificates.ts';
import { type Child, runChild, startChild } from './child.ts';
import { readLines } from './lines.ts';
import { freePort, untilListening } from './ports.ts';

/** How a message reaches rsyslogd: plain, or with TLS by GnuTLS or by OpenSSL. */
export const LISTENERS = ['tcp', 'gtls', 'ossl'] as const;
export type Listener = (typeof LISTENERS)[number];
/** Every way. */
const INPUTS = [...LISTENERS, 'udp'] as const;
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

export async function startRsyslogd(directory: string, certificates: Certificates): Promise<Rsyslogd> {
  const ports = {
    tcp: await freePort(),
    gtls: await freePort(),
    ossl: await freePort(),
    udp: await freePort(),
  };
  const configFile = join(directory, 'rsyslog.conf');
  await mkdir(directory, { recursive: true });
  await writeFile(configFile, configuration(directory, ports, certificates));
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
      await Promise.all(LISTENERS.map((listener) => untilListening(ports[listener])));
    },
  };
  await rsyslogd.start();
  return rsyslogd;
}

/** Generous limits, no escaping: what comes in is written byte for byte, one message a line. */
function configuration(
  directory: string,
  ports: Rsyslogd['ports'],
  { caFile, certFile, keyFile }: Certificates,
): string {
  const rule = (input: Input): string =>
    `ruleset(name="${input}") { action(type="omfile" file="${directory}/${input}.log" template="raw") }`;
  const imtcp = (listener: Listener, driver: string): string =>
    `input(type="imtcp" address="127.0.0.1" port="${ports[listener]}" ruleset="${listener}"${driver})`;
  const tls = (name: string): string =>
    ` StreamDriver.Name="${name}" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"`;
  return [
    `global(workDirectory="${directory}" maxMessageSize="2m" net.enableDNS="off"`,
    `  defaultNetstreamDriverCAFile="${caFile}" defaultNetstreamDriverCertFile="${certFile}"`,
    `  defaultNetstreamDriverKeyFile="${keyFile}"`,
    '  parser.escapeControlCharactersOnReceive="off" parser.dropTrailingLFOnReception="off")',
    // A frame beyond maxFrameSize, 200,000 unless set, is taken for one that no count precedes.
    'module(load="imtcp" maxSessions="200" maxFrameSize="2000000")',
    'module(load="imudp")',
    'template(name="raw" type="string" string="%rawmsg%\\n")',
    ...INPUTS.map(rule),
    imtcp('tcp', ''),
    imtcp('gtls', tls('gtls')),
    imtcp('ossl', tls('ossl')),
    `input(type="imudp" address="127.0.0.1" port="${ports.udp}" ruleset="udp" rcvbufSize="4m")`,
    '',
  ].join('\n');
}

async function checkConfiguration(configFile: string): Promise<void> {
  const ran = await runChild({ command: 'rsyslogd', args: ['-N1', '-f', configFile] });
  if (ran.code !== 0) throw new Error(`rsyslogd refuses its configuration: ${ran.stderr}`);
}
