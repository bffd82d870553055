import { z } from 'zod';

import type { Finder, FinderDeps } from '../finder.ts';
import type { Answer } from '../wire/http-client.ts';
import { type BulkOptions, targetUrl } from './bulk.ts';
import { documentIdOf } from './bulk-document.ts';
import type { Credentials } from './credentials.ts';
import { createHttpFinder } from './http-finder.ts';
import { objectIn } from './json-body.ts';

const found = z.object({ hits: z.object({ hits: z.array(z.unknown()) }) });

/** Where the formats write the key, for a target that gives its documents ids of its own. */
const KEY_FIELDS = ['key', 'id', 'event.id', 'metadata.uid'];

/** By the search API of Elasticsearch and OpenSearch; undefined: the target has none that is known. */
export function createBulkFinder(
  options: BulkOptions,
  credentials: Credentials,
  deps: FinderDeps,
): Finder | undefined {
  const url = targetUrl(options, '/_search');
  if (!url) return undefined;
  const { tls, proxy, dataStream, index } = options;
  return createHttpFinder(
    {
      ...{ url, tls, proxy, credentials, query, isHit },
      contentType: 'application/json',
      // A 404 says that nothing was ever written under this name.
      successStatuses: [200, 404],
      where: dataStream ?? index ?? '',
    },
    deps,
  );
}

function query(key: string): string {
  const byField = { query: key, type: 'phrase', fields: KEY_FIELDS, lenient: true };
  const should = [{ ids: { values: [documentIdOf(key)] } }, { multi_match: byField }];
  return JSON.stringify({ size: 1, _source: false, query: { bool: { should, minimum_should_match: 1 } } });
}

function isHit({ text }: Answer): boolean {
  const { data } = found.safeParse(objectIn(text));
  return data !== undefined && data.hits.hits.length > 0;
}
