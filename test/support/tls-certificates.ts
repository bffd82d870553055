// The certificate library stores its metadata through this polyfill, which must come first.
import 'reflect-metadata';

import { createHash, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** What `pinSha256` wants. */
  readonly pin: string;
}

export interface Authority {
  /** PEM of the authority's own certificate. */
  readonly cert: string;
  issue(wanted: Wanted): Promise<Certificate>;
}

interface Wanted {
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly expired?: boolean;
}

/** An authority of our own, made for one test. */
export async function createAuthority(name = 'CN=Test authority'): Promise<Authority> {
  const keys = await generateKeys();
  const authority = await X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(false),
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });

  async function issue({ names = [], addresses = [], expired = false }: Wanted): Promise<Certificate> {
    const own = await generateKeys();
    const alternatives = [
      ...names.map((value) => ({ type: 'dns' as const, value })),
      ...addresses.map((value) => ({ type: 'ip' as const, value })),
    ];
    const certificate = await X509CertificateGenerator.create({
      subject: 'CN=test',
      issuer: authority.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      ...validity(expired),
      extensions: alternatives.length > 0 ? [new SubjectAlternativeNameExtension(alternatives)] : [],
    });
    const privateKey = await webcrypto.subtle.exportKey('pkcs8', own.privateKey);
    const spki = Buffer.from(await webcrypto.subtle.exportKey('spki', own.publicKey));
    return {
      cert: certificate.toString('pem'),
      key: PemConverter.encode(privateKey, 'PRIVATE KEY'),
      pin: createHash('sha256').update(spki).digest('base64'),
    };
  }

  return { cert: authority.toString('pem'), issue };
}

function generateKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(expired: boolean) {
  const now = Date.now();
  return expired
    ? { notBefore: new Date(now - 2 * DAY_MS), notAfter: new Date(now - DAY_MS) }
    : { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + DAY_MS) };
}
