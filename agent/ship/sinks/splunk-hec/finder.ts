import { z } from 'zod';

import { urlOption } from '../../../model/http-url.ts';
import { secretReference } from '../../../model/secret.ts';
import type { Finder, FinderDeps } from '../../finder.ts';
import { createCredentials } from '../../http/credentials.ts';
import { createHttpFinder } from '../../http/http-finder.ts';
import { objectIn } from '../../http/json-body.ts';
import type { HttpOptions } from '../../http/options.ts';
import type { Answer } from '../../wire/http-client.ts';

export const splunkSearch = z.strictObject({
  url: urlOption.describe(
    'Address of the management port of a search head, such as https://splunk.example.com:8089',
  ),
  token: secretReference.describe('Reference to an authentication token of a user who may search the index'),
});

interface SplunkSearchOptions extends Pick<HttpOptions, 'tls' | 'proxy'> {
  readonly index?: string;
  readonly search: z.infer<typeof splunkSearch>;
}

/** A test record is looked for within a day of its time; one of another clock may seem to be of tomorrow. */
const SPAN = { earliest_time: '-1d', latest_time: '+1d' };

const answered = z.object({ results: z.array(z.unknown()) });

/** By a search that answers when it is done (`exec_mode=oneshot` of `search/jobs`, Splunk's REST API). */
export function createSplunkFinder(
  { search, index, ...options }: SplunkSearchOptions,
  deps: FinderDeps,
): Finder {
  const authorization = async (read: FinderDeps['readSecret']) => `Bearer ${await read(search.token)}`;
  return createHttpFinder(
    {
      ...options,
      url: new URL(`${search.url.replace(/\/$/, '')}/services/search/jobs`),
      credentials: createCredentials({ values: { authorization }, readSecret: deps.readSecret }),
      contentType: 'application/x-www-form-urlencoded',
      successStatuses: [200],
      where: `index=${index ?? '*'}`,
      query: (key) => queryFor(key, index),
      isHit,
    },
    deps,
  );
}

/** Where the record has indexed fields its key is one of them; with `endpoint: raw` it stands in the text. */
function queryFor(key: string, index = '*'): string {
  const quoted = `"${key.replaceAll(/["\\]/g, '\\$&')}"`;
  const search = `search index=${index} (guardrelay_id::${quoted} OR ${quoted}) | head 1 | fields _time`;
  return new URLSearchParams({
    search,
    exec_mode: 'oneshot',
    output_mode: 'json',
    count: '1',
    ...SPAN,
  }).toString();
}

function isHit({ text }: Answer): boolean {
  const { data } = answered.safeParse(objectIn(text));
  return data !== undefined && data.results.length > 0;
}
