import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { JsonObject } from '../../../agent/model/json.ts';
import { freePort } from './ports.ts';
import { type ServerProgram, serverProgram } from './server-program.ts';
import { until } from './until.ts';

const foundSchema = z.object({
  hits: z.object({ hits: z.array(z.object({ _id: z.string(), _source: z.record(z.string(), z.json()) })) }),
});

/** Three seconds are usual; a busy machine takes many more. */
const START_MS = 90_000;

/** A document, and the id by which it stands there once. */
export interface Hit {
  readonly id: string;
  readonly source: JsonObject;
}

/** A real OpenSearch node, which answers `_bulk` for each document alone and keeps what it confirmed. */
export interface OpenSearch extends ServerProgram {
  readonly url: string;
  /** What is found in an index or a data stream; everything by default, 10,000 at most. */
  search(index: string, query?: JsonObject): Promise<readonly Hit[]>;
  /** Any other call of its API. */
  call(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: JsonObject): Promise<unknown>;
}

export async function startOpenSearch(directory: string, settings: Readonly<Record<string, string>> = {}) {
  const home = join(directory, 'opensearch');
  await mkdir(join(home, 'config'), { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const given = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const program = serverProgram({ command: 'opensearch-node', args: [home, String(port), ...given] }, () =>
    until('OpenSearch is ready', () => isReady(url), { timeoutMs: START_MS }),
  );
  await program.start();

  async function call(method: string, path: string, body?: JsonObject): Promise<unknown> {
    const answer = await fetch(`${url}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`OpenSearch answers ${answer.status} to ${method} ${path}: ${text}`);
    return JSON.parse(text);
  }

  const openSearch: OpenSearch = {
    ...program,
    url,
    call,
    async search(index, query = { match_all: {} }) {
      await call('POST', `/${index}/_refresh`);
      const found = await call('POST', `/${index}/_search?size=10000`, { query });
      const { hits } = foundSchema.parse(found).hits;
      return hits.map(({ _id: id, _source: source }) => ({ id, source }));
    },
  };
  return openSearch;
}

/** It has read its indices again, and their shards take documents. */
async function isReady(url: string): Promise<boolean> {
  const path = '/_cluster/health?wait_for_no_initializing_shards=true&wait_for_status=yellow&timeout=1s';
  const answer = await fetch(`${url}${path}`).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok === true;
}
