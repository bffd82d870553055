import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { startChild } from './child.ts';
import { freePort, untilListening } from './ports.ts';

/** A real rsyslogd that forwards what it is given by RELP. */
export interface Omrelp {
  /** One message per line. */
  forward(lines: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startOmrelp(directory: string, serverPort: number): Promise<Omrelp> {
  const port = await freePort();
  const configFile = join(directory, 'omrelp.conf');
  await mkdir(directory, { recursive: true });
  await writeFile(configFile, configuration(directory, port, serverPort));
  const child = await startChild({ command: 'rsyslogd', args: ['-n', '-f', configFile, '-iNONE'] });
  await untilListening(port);
  return {
    async forward(lines) {
      const socket = connect(port, '127.0.0.1');
      socket.end(lines.map((line) => `${line}\n`).join(''));
      await once(socket, 'close');
    },
    stop: async () => void (await child.end('SIGTERM')),
  };
}

function configuration(directory: string, port: number, serverPort: number): string {
  return [
    `global(workDirectory="${directory}" maxMessageSize="64k" net.enableDNS="off")`,
    'module(load="imtcp") module(load="omrelp")',
    'template(name="raw" type="string" string="%rawmsg%")',
    'ruleset(name="forward") {',
    `  action(type="omrelp" target="127.0.0.1" port="${serverPort}" template="raw" windowSize="16")`,
    '}',
    `input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="forward")`,
    '',
  ].join('\n');
}
