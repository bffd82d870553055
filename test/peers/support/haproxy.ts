import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Child, startChild } from './child.ts';
import { freePort, untilListening } from './ports.ts';

/** A real HAProxy in front of a stream receiver. */
export interface Haproxy {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startHaproxy(directory: string, receiverPort: number): Promise<Haproxy> {
  const port = await freePort();
  const configFile = join(directory, 'haproxy.cfg');
  await writeFile(configFile, configuration(port, receiverPort));
  const child: Child = await startChild({ command: 'haproxy', args: ['-db', '-f', configFile] });
  await untilListening(port);
  return {
    port,
    async stop() {
      await child.end('SIGTERM');
    },
  };
}

function configuration(port: number, receiverPort: number): string {
  return [
    'defaults',
    '  mode tcp',
    '  timeout connect 2s',
    '  timeout client 60s',
    '  timeout server 60s',
    'listen relay',
    `  bind 127.0.0.1:${port}`,
    `  server s 127.0.0.1:${receiverPort}`,
    '',
  ].join('\n');
}
