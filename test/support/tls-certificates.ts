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
/** Longer than what it issues, so that it never is what ends first. */
const AUTHORITY_DAYS = 365;

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
  /** Until it ends; absent: one. */
  readonly days?: number;
}

/** An authority of our own, made for one test. */
export async function createAuthority(name = 'CN=Test authority'): Promise<Authority> {
  const keys = await generateKeys();
  const authority = await X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(AUTHORITY_DAYS),
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });

  async function issue(wanted: Wanted): Promise<Certificate> {
    const { names = [], addresses = [], expired = false, days = 1 } = wanted;
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
      ...validity(expired ? -1 : days),
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

function validity(daysLeft: number) {
  const now = Date.now();
  return { notBefore: new Date(now - 2 * DAY_MS), notAfter: new Date(now + daysLeft * DAY_MS) };
}
