import { z } from 'zod';

import type { Outcome } from '../../model/outcome.ts';
import type { Finder, FinderDeps, Sighting } from '../finder.ts';
import { outcomeOf } from '../wire/fault.ts';
import { type Answer, createHttpClient } from '../wire/http-client.ts';
import { outcomeOfAnswer, verdictOf } from './answer.ts';
import { type BulkOptions, targetUrl } from './bulk.ts';
import { documentIdOf } from './bulk-document.ts';
import type { Authorized, Credentials } from './credentials.ts';
import { objectIn } from './json-body.ts';
import { proxyOf } from './proxy.ts';

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
  return url && finderAt(url, { options, credentials, deps });
}

interface FinderParts {
  readonly options: BulkOptions;
  readonly credentials: Credentials;
  readonly deps: FinderDeps;
}

function finderAt(url: URL, { options, credentials, deps }: FinderParts): Finder {
  const { tls, dataStream, index } = options;
  const where = dataStream ?? index ?? '';
  const proxy = proxyOf(url, { option: options.proxy, ...deps });
  const client = createHttpClient({ url, tls, connections: 1, proxy }, deps);
  const { name } = client;

  async function post(key: string, signal: AbortSignal) {
    const body = Buffer.from(JSON.stringify(query(key)));
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'POST', url, batchId: key, body: () => body, wire: body, headers };
    const authorized = await credentials.authorize(request, signal);
    const answer = await client.exchange({ headers: { ...headers, ...authorized.headers }, body }, signal);
    return { answer, authorized };
  }

  /** Secrets may have been changed since they were read. */
  async function ask(key: string, signal: AbortSignal): Promise<Answer> {
    const { answer, authorized } = await post(key, signal);
    return (await isRenewed(answer, authorized, signal)) ? (await post(key, signal)).answer : answer;
  }

  async function isRenewed(answer: Answer, used: Authorized, signal: AbortSignal): Promise<boolean> {
    return verdictOf(answer, [200, 404]) === 'auth' && credentials.renew(used, signal);
  }

  function judge(answer: Answer): Sighting {
    const verdict = verdictOf(answer, [200, 404]);
    if (verdict === 'success') return isHit(answer) ? { kind: 'found', where } : { kind: 'absent' };
    const asked = { name, nowMs: deps.clock.now(), mask: credentials.mask };
    return sightingOf(outcomeOfAnswer(verdict, answer, asked));
  }

  return {
    async find(key, signal) {
      try {
        return judge(await ask(key, signal));
      } catch (error) {
        return sightingOf(outcomeOf(error, name));
      }
    },
    async close(deadlineMs) {
      await Promise.all([client.close(deadlineMs), credentials.close?.(deadlineMs)]);
    },
  };
}

function query(key: string): object {
  const byField = { query: key, type: 'phrase', fields: KEY_FIELDS, lenient: true };
  const should = [{ ids: { values: [documentIdOf(key)] } }, { multi_match: byField }];
  return { size: 1, _source: false, query: { bool: { should, minimum_should_match: 1 } } };
}

/** A 404 says that nothing was ever written under this name. */
function isHit({ text }: Answer): boolean {
  const { data } = found.safeParse(objectIn(text));
  return data !== undefined && data.hits.hits.length > 0;
}

function sightingOf(outcome: Outcome): Sighting {
  switch (outcome.kind) {
    case 'ok':
      return { kind: 'absent' };
    case 'retry':
      return { kind: 'absent', why: outcome.why };
    case 'reject':
      return { kind: 'closed', why: outcome.why };
    case 'blocked':
      return { kind: 'closed', why: outcome.detail };
  }
}
