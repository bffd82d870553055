import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { freePort, untilListening } from './ports.ts';
import { serverProgram } from './server-program.ts';

/** A real HAProxy that turns away, in the handshake, who shows no certificate of its authority. */
export interface VerifyingHaproxy {
  /** By the only version of TLS that it speaks there. */
  readonly ports: Readonly<Record<'TLSv1.2' | 'TLSv1.3', number>>;
  /** Has no server behind it. */
  readonly emptyPort: number;
  stop(): Promise<void>;
}

interface HaproxySetup {
  readonly directory: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Where it passes requests on to. */
  readonly serverPort: number;
}

export async function startVerifyingHaproxy(setup: HaproxySetup): Promise<VerifyingHaproxy> {
  const { directory, certFile, keyFile } = setup;
  const ports = { 'TLSv1.2': await freePort(), 'TLSv1.3': await freePort() };
  const emptyPort = await freePort();
  await mkdir(directory, { recursive: true });
  const pem = join(directory, 'server.pem');
  const parts = await Promise.all([certFile, keyFile].map((file) => readFile(file, 'utf8')));
  await writeFile(pem, parts.join('\n'), { mode: 0o600 });
  const configFile = join(directory, 'haproxy.cfg');
  await writeFile(configFile, configuration({ ...setup, pem, ports, emptyPort }));
  const program = serverProgram({ command: 'haproxy', args: ['-db', '-f', configFile] }, async () => {
    await Promise.all([...Object.values(ports), emptyPort].map(untilListening));
  });
  await program.start();
  return { ports, emptyPort, stop: program.stop };
}

function configuration({
  caFile,
  serverPort,
  pem,
  ports,
  emptyPort,
}: HaproxySetup & Omit<VerifyingHaproxy, 'stop'> & { readonly pem: string }): string {
  const verifying = (version: keyof typeof ports): string =>
    `  bind 127.0.0.1:${ports[version]} ssl crt ${pem} ca-file ${caFile} verify required ` +
    `ssl-min-ver ${version} ssl-max-ver ${version}`;
  return [
    'defaults',
    '  mode http',
    '  timeout connect 2s',
    '  timeout client 10s',
    '  timeout server 10s',
    'listen verifying',
    verifying('TLSv1.2'),
    verifying('TLSv1.3'),
    `  server siem 127.0.0.1:${serverPort}`,
    'listen empty',
    `  bind 127.0.0.1:${emptyPort} ssl crt ${pem}`,
    '',
  ].join('\n');
}
