import { createHash, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate } from 'node:tls';
import { z } from 'zod';

import { blocked, codeOf, WireError } from './wire/fault.ts';

const path = z.string().min(1);

/** The `tls` block of a destination. There is no way to switch the check of the certificate off. */
export const tlsOptions = z
  .strictObject({
    caFile: path
      .exactOptional()
      .describe(
        'PEM file of the authorities to trust instead of the public ones; a self-signed certificate is its own',
      ),
    certFile: path.exactOptional().describe('PEM file of the certificate that we show'),
    keyFile: path.exactOptional().describe('PEM file of its private key, mode 0600'),
    pinSha256: z
      .array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/, { error: 'must be 32 bytes in base64' }))
      .min(1)
      .exactOptional()
      .describe(
        'SHA-256 of public keys (SPKI, base64): besides being valid, the certificate must hold one of them',
      ),
    serverName: z
      .string()
      .min(1)
      .refine((name) => isIP(name) === 0, { error: 'must be a name, not an address' })
      .exactOptional()
      .describe('Name in the certificate, where it is not the name we connect to'),
    minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2').describe('Oldest version of TLS to accept'),
  })
  .refine((tls) => (tls.certFile === undefined) === (tls.keyFile === undefined), {
    error: 'certFile and keyFile belong together: give both or none',
  });

export type TlsOptions = z.infer<typeof tlsOptions>;

/** Options for `tls.connect`. Files are read anew for each connection, so a renewed certificate takes effect. */
export async function tlsConnectOptions(options: TlsOptions, host: string): Promise<ConnectionOptions> {
  const [ca, cert, key] = await Promise.all([
    readPem('caFile', options.caFile),
    readPem('certFile', options.certFile),
    readPrivateKey(options.keyFile),
  ]);
  const servername = options.serverName ?? (isIP(host) === 0 ? host : undefined);
  return {
    host,
    ...(servername !== undefined && { servername }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    minVersion: options.minVersion,
    checkServerIdentity: (name, peer) => checkServerIdentity(name, peer) ?? checkPin(peer, options.pinSha256),
  };
}

/** SHA-256 of the public key of a certificate, base64: what `pinSha256` lists. */
function spkiSha256(der: Buffer): string {
  const spki = new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}

function checkPin(peer: PeerCertificate, pins: readonly string[] | undefined): Error | undefined {
  if (!pins) return undefined;
  const shown = spkiSha256(peer.raw);
  if (pins.includes(shown)) return undefined;
  return new Error(`the certificate's key ${shown} is not in pinSha256`);
}

async function readPrivateKey(file: string | undefined): Promise<Buffer | undefined> {
  const key = await readPem('keyFile', file);
  if (file !== undefined && (await isOpenToOthers(file))) {
    throw unusable(`keyFile ${file} can be read by others; run: chmod 600 ${file}`);
  }
  return key;
}

async function isOpenToOthers(file: string): Promise<boolean> {
  return ((await stat(file)).mode & 0o077) !== 0;
}

async function readPem(option: string, file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  return readFile(file).catch((error: unknown) => {
    throw unusable(`${option} ${file} cannot be read (${codeOf(error)})`, error);
  });
}

function unusable(sentence: string, cause?: unknown): WireError {
  return new WireError(blocked('tls', 'DST-003', sentence), cause);
}
