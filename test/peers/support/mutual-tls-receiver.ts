import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readLines } from './lines.ts';
import { freePort, untilListening } from './ports.ts';
import { serverProgram } from './server-program.ts';

/** A real syslog-ng that takes messages only from who shows a certificate of its authority. */
export interface MutualTlsReceiver {
  readonly port: number;
  /** The messages written so far. */
  lines(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

interface ReceiverFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly version: 'TLSv1.2' | 'TLSv1.3';
}

export async function startMutualTlsReceiver(files: ReceiverFiles): Promise<MutualTlsReceiver> {
  // Not deeper: the path of the control socket must be short.
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
  const port = await freePort();
  const at = (name: string): string => join(directory, name);
  await writeFile(at('syslog-ng.conf'), configuration(port, at('messages'), files));
  const ownFiles = ['-R', at('persist'), '-p', at('pid'), '-c', at('control')];
  const program = serverProgram(
    { command: 'syslog-ng', args: ['--foreground', '--no-caps', '-f', at('syslog-ng.conf'), ...ownFiles] },
    () => untilListening(port),
  );
  await program.start();
  return {
    port,
    lines: () => readLines(at('messages')),
    async stop() {
      await program.stop();
      await rm(directory, { recursive: true });
    },
  };
}

function configuration(
  port: number,
  file: string,
  { caFile, certFile, keyFile, version }: ReceiverFiles,
): string {
  const others = version === 'TLSv1.3' ? 'no-tlsv12' : 'no-tlsv13';
  const tls =
    `ca-file("${caFile}") cert-file("${certFile}") key-file("${keyFile}") ` +
    `peer-verify(required-trusted) ssl-options(no-sslv2, no-sslv3, no-tlsv1, no-tlsv11, ${others})`;
  return [
    '@version: 3.38',
    'options { keep-hostname(yes); use-dns(no); stats-freq(0); };',
    `source in { syslog(transport("tls") ip("127.0.0.1") port(${port}) tls(${tls})); };`,
    `log { source(in); destination { file("${file}"); }; };`,
    '',
  ].join('\n');
}
