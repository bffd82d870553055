import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FRAMINGS } from '../../../agent/ship/wire/message.ts';
import { type Child, startChild } from './child.ts';
import { freePort, untilListening } from './ports.ts';

const INPUTS = [...FRAMINGS, 'udp'] as const;
type Input = (typeof INPUTS)[number];

/** A real syslog-ng, which takes RFC 5424 messages apart and writes `HOSTNAME MSG` into one file per input. */
export interface SyslogNg {
  readonly ports: Readonly<Record<Input, number>>;
  file(input: Input): string;
  /** Freezes it: it accepts connections and reads nothing. */
  pause(): void;
  /** Ends it; SIGKILL: at once, without a word to its peers. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same ports and files. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSyslogNg(): Promise<SyslogNg> {
  // Not deeper: the path of the control socket must be short.
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
  const ports = { 'octet-counting': await freePort(), lf: await freePort(), udp: await freePort() };
  const at = (name: string): string => join(directory, name);
  await writeFile(at('syslog-ng.conf'), configuration(directory, ports));
  const ownFiles = ['-R', at('persist'), '-p', at('pid'), '-c', at('control')];
  const args = ['--foreground', '--no-caps', '-f', at('syslog-ng.conf'), ...ownFiles];
  let child: Child | undefined;

  const syslogNg: SyslogNg = {
    ports,
    file: (input) => at(`${input}.log`),
    pause: () => child?.signal('SIGSTOP'),
    async end(signal) {
      await child?.end(signal);
    },
    async start() {
      child = await startChild({ command: 'syslog-ng', args });
      await Promise.all(FRAMINGS.map((framing) => untilListening(ports[framing])));
    },
    async stop() {
      await syslogNg.end('SIGTERM');
      await rm(directory, { recursive: true });
    },
  };
  await syslogNg.start();
  return syslogNg;
}

/** As rsyslogd's: generous limits, no escaping, nothing looked up. */
function configuration(directory: string, ports: SyslogNg['ports']): string {
  const inputs = {
    'octet-counting': `syslog(transport("tcp") ip("127.0.0.1") port(${ports['octet-counting']}))`,
    lf: `network(transport("tcp") ip("127.0.0.1") port(${ports.lf}) flags(syslog-protocol))`,
    udp: `syslog(transport("udp") ip("127.0.0.1") port(${ports.udp}) so-rcvbuf(4194304))`,
  };
  const path = (input: Input): string =>
    `log { source { ${inputs[input]}; }; destination { file("${directory}/${input}.log" template(raw)); }; };`;
  return [
    '@version: 3.38',
    'options { keep-hostname(yes); use-dns(no); dns-cache(no); log-msg-size(2097152); stats-freq(0); };',
    'template raw { template("$HOST $MSG\\n"); template-escape(no); };',
    ...INPUTS.map(path),
    '',
  ].join('\n');
}
