import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runChild } from './child.ts';

/** A certificate and its private key. */
export interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate authority of the test's own, and a server certificate for localhost and 127.0.0.1. */
export interface Certificates extends Pair {
  readonly caFile: string;
  readonly clientName: string;
  /** Of the client with that name. */
  readonly client: Pair;
  /** Of another client. */
  readonly stranger: Pair;
}

const CLIENT_NAME = 'relay.example';
const NEW_KEY = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];

export async function makeCertificates(directory: string): Promise<Certificates> {
  const caFile = join(directory, 'ca.pem');
  await openssl(
    [...NEW_KEY, '-x509', '-days', '2', '-subj', '/CN=guardrelay peers CA'],
    ['-keyout', join(directory, 'ca.key'), '-out', caFile],
  );
  return {
    caFile,
    ...(await issue(directory, 'server', 'DNS:localhost,IP:127.0.0.1')),
    clientName: CLIENT_NAME,
    client: await issue(directory, 'client', `DNS:${CLIENT_NAME}`),
    stranger: await issue(directory, 'stranger', 'DNS:stranger.example'),
  };
}

async function issue(directory: string, name: string, alternatives: string): Promise<Pair> {
  const file = (suffix: string): string => join(directory, `${name}.${suffix}`);
  const ca = ['-CA', join(directory, 'ca.pem'), '-CAkey', join(directory, 'ca.key'), '-CAcreateserial'];
  await writeFile(file('ext'), `subjectAltName=${alternatives}\n`);
  await openssl([...NEW_KEY, '-subj', `/CN=${name}`], ['-keyout', file('key'), '-out', file('csr')]);
  await openssl(
    ['x509', '-req', '-days', '2', '-in', file('csr'), '-extfile', file('ext'), ...ca],
    ['-out', file('pem')],
  );
  return { certFile: file('pem'), keyFile: file('key') };
}

async function openssl(...args: readonly (readonly string[])[]): Promise<void> {
  const ran = await runChild({ command: 'openssl', args: args.flat() });
  if (ran.code !== 0) throw new Error(`openssl ${args[0]?.[0]} failed: ${ran.stderr}`);
}
