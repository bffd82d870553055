import { z } from 'zod';
import { authOptions, headerValues } from '../../model/header-options.ts';
import { isTransportAllowed } from '../../model/http-url.ts';
import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import type { Finder, FinderDeps } from '../finder.ts';
import { signatureOptions, signedByAws } from '../http/aws-signature.ts';
import { bulkOptions, createBulkSink, namesOneTarget, ONE_TARGET } from '../http/bulk.ts';
import { createBulkFinder } from '../http/bulk-finder.ts';
import { type Credentials, createCredentials } from '../http/credentials.ts';
import { CLEAR_TEXT } from '../http/options.ts';

export const opensearchOptions = bulkOptions
  .extend({
    type: z
      .literal('opensearch')
      .describe('Bulk API of OpenSearch, Amazon OpenSearch Service and Serverless'),
    auth: z
      .union([z.strictObject({ sigv4: signatureOptions }), authOptions])
      .exactOptional()
      .describe('Credentials: a signature of AWS, a bearer token, or a user name with a password'),
  })
  .refine(isTransportAllowed, CLEAR_TEXT)
  .refine(namesOneTarget, ONE_TARGET);

type OpensearchOptions = z.infer<typeof opensearchOptions>;

/** Records as documents of OpenSearch. */
export function createOpensearchSink(options: OpensearchOptions, deps: SinkDeps): Sink {
  return createBulkSink(options, credentialsOf(options, deps), deps);
}

export function createOpensearchFinder(options: OpensearchOptions, deps: FinderDeps): Finder | undefined {
  return createBulkFinder(options, credentialsOf(options, deps), deps);
}

function credentialsOf({ headers, auth }: OpensearchOptions, deps: FinderDeps): Credentials {
  const { readSecret, awsIdentities, clock } = deps;
  if (!auth || !('sigv4' in auth)) {
    return createCredentials({ values: headerValues({ headers, ...(auth && { auth }) }), readSecret });
  }
  const base = createCredentials({ values: headerValues({ headers }), readSecret });
  return signedByAws(auth.sigv4, { base, identities: awsIdentities(auth.sigv4), clock });
}
