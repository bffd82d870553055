import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runChild } from './child.ts';

/** A certificate authority of the test's own, and a server certificate for localhost and 127.0.0.1. */
export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export async function makeCertificates(directory: string): Promise<Certificates> {
  const file = (name: string): string => join(directory, name);
  const files = { caFile: file('ca.pem'), certFile: file('server.pem'), keyFile: file('server.key') };
  const newKey = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  await writeFile(file('server.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  await openssl(
    [...newKey, '-x509', '-days', '2', '-subj', '/CN=guardrelay peers CA'],
    ['-keyout', file('ca.key'), '-out', files.caFile],
  );
  await openssl(
    [...newKey, '-subj', '/CN=localhost'],
    ['-keyout', files.keyFile, '-out', file('server.csr')],
  );
  await openssl(
    ['x509', '-req', '-days', '2', '-in', file('server.csr'), '-extfile', file('server.ext')],
    ['-CA', files.caFile, '-CAkey', file('ca.key'), '-CAcreateserial', '-out', files.certFile],
  );
  return files;
}

async function openssl(...args: readonly (readonly string[])[]): Promise<void> {
  const ran = await runChild({ command: 'openssl', args: args.flat() });
  if (ran.code !== 0) throw new Error(`openssl ${args[0]?.[0]} failed: ${ran.stderr}`);
}
