import { z } from 'zod';

import type { AwsIdentities, AwsIdentity } from '../../model/aws-identity.ts';
import { regionOption, roleOption, signedHeaders } from '../../model/aws-request.ts';
import type { Clock } from '../../model/clock.ts';
import { GuardrelayError } from '../../model/error.ts';
import { createMask } from '../../model/mask.ts';
import { blocked, codeOf, retry, WireError } from '../wire/fault.ts';
import type { Credentials, Headers, OutgoingRequest } from './credentials.ts';

/** The `sigv4` block of a destination in AWS. */
export const signatureOptions = z
  .strictObject({
    region: regionOption.describe('Region of the domain or collection'),
    service: z.enum(['es', 'aoss']).default('es').describe('es: a domain; aoss: OpenSearch Serverless'),
    role: roleOption.exactOptional(),
  })
  .describe('AWS Signature Version 4');

/** A request may still be under way that was signed before the last change. */
const TOKENS_MASKED = 2;

type SignatureOptions = z.infer<typeof signatureOptions>;

interface SigningParts {
  /** For what besides the signature stands in the headers. */
  readonly base: Credentials;
  readonly identities: AwsIdentities;
  readonly clock: Clock;
}

/** Signs each request, byte for byte as it goes over the wire, with AWS credentials that are kept fresh. */
export function signedByAws(
  options: SignatureOptions,
  { base, identities, clock }: SigningParts,
): Credentials {
  let tokens: readonly string[] = [];

  async function identity(): Promise<AwsIdentity> {
    const found = await identities.get().catch((error: unknown) => {
      throw new WireError(missing(error), error);
    });
    if (found.sessionToken) remember(found.sessionToken);
    return found;
  }

  /** A refused signature is answered with what was signed, the session token included. */
  function remember(token: string): void {
    tokens = [token, ...tokens.filter((known) => known !== token)].slice(0, TOKENS_MASKED);
  }

  return {
    async authorize(request, signal) {
      const { headers } = await base.authorize(request, signal);
      const signer = await identity();
      const signed = await sign({ ...request, headers: { ...request.headers, ...headers } }, signer);
      return { headers: signed, secrets: secretsOf(signer) };
    },
    async renew({ secrets }) {
      const known = await identity();
      if (known.secretAccessKey === secrets.secretAccessKey) identities.renew(known);
      return (await identity()).secretAccessKey !== secrets.secretAccessKey;
    },
    mask(text) {
      const mask = createMask();
      for (const token of tokens) mask.hide(token);
      return mask.clean(base.mask(text));
    },
  };

  function sign({ method, url, headers, wire }: OutgoingRequest, credentials: AwsIdentity) {
    const { region, service } = options;
    return signedHeaders(
      { method, url, headers, body: wire },
      { credentials, region, service, now: clock.now() },
    );
  }
}

function secretsOf({ accessKeyId, secretAccessKey }: AwsIdentity): Headers {
  return { accessKeyId, secretAccessKey };
}

function missing(error: unknown) {
  if (error instanceof GuardrelayError) return blocked('auth', error.code, error.message);
  return retry('AUTH-001', `the AWS credentials of this destination cannot be had now (${codeOf(error)})`);
}
