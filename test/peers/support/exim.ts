import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

import { type Certificates, makeCertificates } from './certificates.ts';
import { runChild } from './child.ts';
import { freePort, untilListening } from './ports.ts';
import { serverProgram } from './server-program.ts';
import { until } from './until.ts';

const READER = fileURLToPath(new URL('./read-mail.py', import.meta.url));
const PASSWORD = 'a password, with blank';

const mail = z.object({
  headers: z.array(z.tuple([z.string(), z.string()])),
  text: z.string(),
  html: z.string(),
  defects: z.array(z.string()),
});
export type ReadMail = z.infer<typeof mail>;

/** Exim with STARTTLS on one port and TLS on another, which takes mail only from whom it knows. */
export interface MailServer {
  readonly port: number;
  readonly tlsPort: number;
  readonly caFile: string;
  readonly password: string;
  /** The first so many mails of a mailbox, oldest first, as Python reads them from the disk. */
  mails(mailbox: string, count: number): Promise<readonly ReadMail[]>;
  stop(): Promise<void>;
}

export async function startExim(): Promise<MailServer> {
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-exim-'));
  const [port, tlsPort] = [await freePort(), await freePort()];
  const certificates = await makeCertificates(directory);
  await prepare(directory, certificates);
  const file = join(directory, 'exim.conf');
  await writeFile(file, configuration(directory, { port, tlsPort, certificates }));
  const program = serverProgram({ command: 'exim4', args: ['-C', file, '-bdf', '-q1h'] }, async () => {
    await untilListening(port);
    await untilListening(tlsPort);
  });
  await program.start();
  return {
    ...{ port, tlsPort, caFile: certificates.caFile, password: PASSWORD },
    mails: (mailbox, count) => readMails(join(directory, 'mail', mailbox, 'new'), count),
    async stop() {
      await program.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** As root Exim gives its rights up, and still must read its key and write mail. */
async function prepare(directory: string, { keyFile }: Certificates): Promise<void> {
  for (const name of ['mail', 'spool', 'log']) {
    await mkdir(join(directory, name));
    await chmod(join(directory, name), 0o777);
  }
  await chmod(directory, 0o755);
  await chmod(keyFile, 0o644);
}

async function readMails(directory: string, count: number): Promise<readonly ReadMail[]> {
  const names = async (): Promise<readonly string[]> => (await readdir(directory).catch(() => [])).toSorted();
  await until(`${count} mails in ${directory}`, async () => (await names()).length >= count);
  const files = (await names()).map((name) => join(directory, name));
  const { stdout, stderr } = await runChild({ command: 'python3', args: [READER, ...files] });
  if (stderr !== '') throw new Error(stderr);
  return z.array(mail).parse(JSON.parse(stdout));
}

interface Ports {
  readonly port: number;
  readonly tlsPort: number;
  readonly certificates: Certificates;
}

function configuration(directory: string, { port, tlsPort, certificates }: Ports): string {
  const { certFile, keyFile } = certificates;
  return `
primary_hostname = mail.example.com
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port} : ${tlsPort}
tls_on_connect_ports = ${tlsPort}
spool_directory = ${directory}/spool
log_file_path = ${directory}/log/%slog
pid_file_path = ${directory}/spool/pid
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts = *
tls_certificate = ${certFile}
tls_privatekey = ${keyFile}
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = known
acl_smtp_data = sound

begin acl
known:
  require message = relay not permitted
          authenticated = *
  accept
sound:
  require verify = header_syntax
  accept

begin routers
all:
  driver = accept
  local_parts = soc : lead
  transport = file

begin transports
file:
  driver = appendfile
  directory = ${directory}/mail/$local_part_data
  maildir_format
  create_directory
${process.getuid?.() === 0 ? '  user = Debian-exim\n  group = Debian-exim\n' : ''}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{relay}}{eq{$auth3}{${PASSWORD}}}}}
  server_set_id = $auth2
`;
}
