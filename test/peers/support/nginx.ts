import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { untilListening } from './ports.ts';
import { type ServerProgram, serverProgram } from './server-program.ts';

interface NginxSetup {
  /** For its files; made where it is missing. */
  readonly directory: string;
  /** What stands in the `http` block. */
  readonly http: string;
  /** Where it listens then. */
  readonly ports: readonly number[];
}

/** A real nginx. */
export async function startNginx({ directory, http, ports }: NginxSetup): Promise<ServerProgram> {
  const at = (name: string): string => join(directory, name);
  await mkdir(at('tmp'), { recursive: true });
  await writeFile(at('nginx.conf'), configuration(directory, http));
  const nginx = serverProgram(
    { command: 'nginx', args: ['-e', at('error.log'), '-p', directory, '-c', at('nginx.conf')] },
    async () => {
      await Promise.all(ports.map(untilListening));
    },
  );
  await nginx.start();
  return nginx;
}

function configuration(directory: string, http: string): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return [
    // Started by root, its workers would be somebody who may not read the folder.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    `worker_processes 1; daemon off; pid ${directory}/nginx.pid;`,
    'events { worker_connections 256; }',
    'http {',
    'access_log off;',
    ...folders.map((name) => `${name}_temp_path ${directory}/tmp;`),
    http,
    '}',
    '',
  ].join('\n');
}
