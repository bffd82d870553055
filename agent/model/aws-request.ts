import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { z } from 'zod';

import type { AwsIdentity } from './aws-identity.ts';
import { secretReference } from './secret.ts';

export const regionOption = z
  .string()
  .regex(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, { error: 'must be an AWS region' });

export const roleOption = z
  .strictObject({
    arn: z
      .string()
      .regex(/^arn:[a-z-]+:iam::\d{12}:role\/\S+$/, { error: 'must be the ARN of a role' })
      .describe('Role to assume'),
    externalId: secretReference,
  })
  .describe("Signs as this role, assumed with the agent's own credentials; absent: with these");

interface AwsRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** As it goes over the wire. */
  readonly body: Buffer | string;
}

interface Signer {
  readonly credentials: AwsIdentity;
  readonly region: string;
  readonly service: string;
  readonly now: number;
}

/** AWS Signature Version 4 over the request, byte for byte: its headers with the signature among them. */
export async function signedHeaders(
  { method, url, headers, body }: AwsRequest,
  { credentials, region, service, now }: Signer,
): Promise<Readonly<Record<string, string>>> {
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256, applyChecksum: true });
  const request = {
    ...{ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, body },
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
  };
  const signed = await signer.sign(request, { signingDate: new Date(now) });
  return signed.headers;
}
