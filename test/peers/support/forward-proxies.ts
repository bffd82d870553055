import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runChild } from './child.ts';
import { freePort, untilListening } from './ports.ts';
import { type ServerProgram, serverProgram } from './server-program.ts';

/** A real forward proxy that wants a user name and a password. */
export interface RealProxy {
  readonly port: number;
  stop(): Promise<void>;
}

interface ProxySetup {
  /** For its files. */
  readonly directory: string;
  readonly username: string;
  readonly password: string;
  /** Where it opens tunnels to. */
  readonly openPorts: readonly number[];
}

export async function startSquid({ directory, ...setup }: ProxySetup): Promise<RealProxy> {
  const { username, password, openPorts } = setup;
  const port = await freePort();
  await mkdir(directory, { recursive: true });
  const hashed = await runChild({ command: 'openssl', args: ['passwd', '-apr1', password] });
  await writeFile(join(directory, 'passwords'), `${username}:${hashed.stdout}`);
  const configFile = join(directory, 'squid.conf');
  await writeFile(
    configFile,
    [
      `http_port 127.0.0.1:${port}`,
      'pid_filename none',
      'cache_log /dev/null',
      'access_log none',
      'cache deny all',
      'shutdown_lifetime 0 seconds',
      `auth_param basic program /usr/lib/squid/basic_ncsa_auth ${join(directory, 'passwords')}`,
      'auth_param basic children 1 startup=1 idle=1',
      'acl known proxy_auth REQUIRED',
      `acl open port ${openPorts.join(' ')}`,
      'http_access deny !open',
      'http_access allow known',
      'http_access deny all',
      '',
    ].join('\n'),
  );
  // Started by root it becomes somebody else, who must get at the passwords.
  await chmod(directory, 0o755);
  return running(
    serverProgram({ command: 'squid', args: ['-N', '-f', configFile] }, () => untilListening(port)),
    port,
  );
}

export async function startTinyproxy({ directory, ...setup }: ProxySetup): Promise<RealProxy> {
  const { username, password, openPorts } = setup;
  const port = await freePort();
  await mkdir(directory, { recursive: true });
  const configFile = join(directory, 'tinyproxy.conf');
  await writeFile(
    configFile,
    [
      `Port ${port}`,
      'Listen 127.0.0.1',
      'MaxClients 50',
      'LogLevel Error',
      `LogFile "${join(directory, 'log')}"`,
      `PidFile "${join(directory, 'pid')}"`,
      `BasicAuth ${username} ${password}`,
      ...openPorts.map((open) => `ConnectPort ${open}`),
      '',
    ].join('\n'),
  );
  return running(
    serverProgram({ command: 'tinyproxy', args: ['-d', '-c', configFile] }, () => untilListening(port)),
    port,
  );
}

async function running(program: ServerProgram, port: number): Promise<RealProxy> {
  await program.start();
  return { port, stop: program.stop };
}
