import { z } from 'zod';
import { authOptions, headerValues } from '../../model/header-options.ts';
import { isTransportAllowed } from '../../model/http-url.ts';
import { secretReference } from '../../model/secret.ts';
import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import type { Finder, FinderDeps } from '../finder.ts';
import { bulkOptions, createBulkSink, namesOneTarget, ONE_TARGET } from '../http/bulk.ts';
import { createBulkFinder } from '../http/bulk-finder.ts';
import { type Credentials, createCredentials } from '../http/credentials.ts';
import { CLEAR_TEXT } from '../http/options.ts';

const apiKey = z.strictObject({ apiKey: secretReference }).describe('API key, in its encoded form');

export const elasticsearchOptions = bulkOptions
  .extend({
    type: z.literal('elasticsearch').describe('Bulk API of Elasticsearch'),
    auth: z
      .union([apiKey, authOptions])
      .exactOptional()
      .describe('Credentials: an API key, a bearer token, or a user name with a password'),
  })
  .refine(isTransportAllowed, CLEAR_TEXT)
  .refine(namesOneTarget, ONE_TARGET);

type ElasticsearchOptions = z.infer<typeof elasticsearchOptions>;

/** Records as documents of Elasticsearch. */
export function createElasticsearchSink(options: ElasticsearchOptions, deps: SinkDeps): Sink {
  return createBulkSink(options, credentialsOf(options, deps), deps);
}

export function createElasticsearchFinder(
  options: ElasticsearchOptions,
  deps: FinderDeps,
): Finder | undefined {
  return createBulkFinder(options, credentialsOf(options, deps), deps);
}

function credentialsOf(options: ElasticsearchOptions, { readSecret }: FinderDeps): Credentials {
  return createCredentials({ values: valuesOf(options), readSecret });
}

function valuesOf({ headers, auth }: ElasticsearchOptions) {
  if (!auth || !('apiKey' in auth)) return headerValues({ headers, ...(auth && { auth }) });
  const authorization = async (read: SinkDeps['readSecret']) => `ApiKey ${await read(auth.apiKey)}`;
  return { ...headerValues({ headers }), authorization };
}
