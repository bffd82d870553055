import { z } from 'zod';

import type { EncodedRecord } from '../../model/batch.ts';
import { FORMAT_NAMES } from '../../model/format.ts';
import { urlOption } from '../../model/http-url.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { RenderableRec } from '../../model/record.ts';
import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import { joinBytes } from '../seal.ts';
import { blocked } from '../wire/fault.ts';
import { type BulkItem, isAside, outcomeOfItem, readItems, refusesIds, severest } from './bulk-answer.ts';
import { type BulkAction, countDocuments, encodeDocuments, hasDocumentId } from './bulk-document.ts';
import type { Credentials } from './credentials.ts';
import { createHttpSink, type Exchange } from './http-sink.ts';
import { encodeWithin } from './json-body.ts';
import { httpOptions } from './options.ts';

const ENDPOINT = '/_bulk';
/** An item may quote the value that did not fit its field. */
const MAX_ANSWER_BYTES = 8_000_000;

const targetName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,254}$/, {
  error: 'must be a name of lower-case letters, digits, dots, hyphens and underscores',
});

/** What Elasticsearch and OpenSearch have in common. */
export const bulkOptions = httpOptions({ maxRecords: 1_000, maxBytes: 5_000_000, maxWaitMs: 2_000 }).extend({
  url: urlOption.describe(
    'Address of the cluster; or of the bulk API of another product, ending in /_bulk, which is used as it is',
  ),
  format: z.enum(FORMAT_NAMES).default('ecs').describe('The text that a record becomes'),
  compression: z
    .enum(['gzip', 'none'])
    .default('gzip')
    .describe('Switched off by itself when the receiver answers 415'),
  dataStream: targetName.exactOptional().describe('Data stream that the documents go to'),
  index: targetName.exactOptional().describe('Index or alias that they go to instead'),
  pipeline: z.string().min(1).max(255).exactOptional().describe('Ingest pipeline that they go through'),
});

export type BulkOptions = z.infer<typeof bulkOptions>;
type Target = Pick<BulkOptions, 'url' | 'dataStream' | 'index'>;

/** For `refine`: whether it is clear where documents go. */
export function namesOneTarget({ url, dataStream, index }: Target): boolean {
  const names = [dataStream, index].filter((name) => name !== undefined);
  return names.length === (isEndpoint(new URL(url)) ? 0 : 1);
}

export const ONE_TARGET = {
  path: ['dataStream'],
  error: 'give either dataStream or index; neither where the url ends in /_bulk',
};

function isEndpoint({ pathname }: URL): boolean {
  return pathname.endsWith(ENDPOINT);
}

function bulkUrl(target: Target): URL {
  return targetUrl(target, ENDPOINT) ?? new URL(target.url);
}

/**
 * An API of the target; undefined: only the address of its bulk API is known. The name stands in the path, where rights
 * that depend on the URL can see it.
 */
export function targetUrl({ url, dataStream, index }: Target, api: `/_${string}`): URL | undefined {
  const address = new URL(url);
  if (isEndpoint(address)) return undefined;
  address.pathname = `${address.pathname.replace(/\/$/, '')}/${dataStream ?? index}${api}`;
  return address;
}

/** Documents by the bulk API, each answered for by itself. */
export function createBulkSink(options: BulkOptions, credentials: Credentials, deps: SinkDeps): Sink {
  const { id: destination, dataStream, pipeline } = options;
  const { logger, render } = deps;
  let takesIds = true;

  function encode(record: RenderableRec, maxBytes: number): EncodedRecord {
    return encodeWithin(maxBytes, (textBytes) =>
      encodeDocuments(record, render(record, textBytes), action()),
    );
  }

  function action(): BulkAction {
    return { name: takesIds || dataStream ? 'create' : 'index', withId: takesIds, pipeline };
  }

  /** Once the ids are refused, records that were encoded with them are sent without. */
  function instead(records: readonly EncodedRecord[]): readonly EncodedRecord[] | undefined {
    if (takesIds || !records.some(hasDocumentId)) return undefined;
    return records.map(({ record }) => encode(record, options.batch.maxBytes));
  }

  function taken({ batch, answer, client: { name } }: Exchange): readonly Outcome[] | Outcome {
    const counts = batch.records.map(countDocuments);
    const documents = counts.reduce((sum, count) => sum + count, 0);
    const items = readItems(answer, { name, documents });
    if ('kind' in items) return items;
    notice(items);
    let end = 0;
    return counts.map((count) => {
      end += count;
      return severest(items.slice(end - count, end).map((item) => outcomeOf(item, name)));
    });
  }

  function outcomeOf(item: BulkItem, name: string): Outcome {
    const outcome = outcomeOfItem(item, { name, mask: credentials.mask });
    // A data stream keeps its documents in indices with names of their own.
    const isPlain = dataStream !== undefined && item._index === dataStream;
    return outcome.kind === 'ok' && isPlain ? notDataStream(dataStream, name) : outcome;
  }

  function notice(items: readonly BulkItem[]): void {
    const aside = items.filter(isAside).length;
    if (aside > 0)
      logger.warn('documents went to the failure store of the data stream', { destination, aside });
    if (!takesIds || !items.some(refusesIds)) return;
    takesIds = false;
    logger.warn('the destination takes no ids of documents, so what is sent twice will be there twice', {
      destination,
    });
  }

  return createHttpSink(
    options,
    {
      ...{ credentials, encode, instead, taken },
      url: bulkUrl(options),
      grade: 'indexed',
      perRecord: true,
      successStatuses: [200],
      maxAnswerBytes: MAX_ANSWER_BYTES,
      join: joinBytes,
      headers: () => ({ 'content-type': 'application/x-ndjson' }),
    },
    deps,
  );
}

function notDataStream(dataStream: string, name: string): Outcome {
  const sentence = `${name} keeps ${dataStream} as an index: no index template makes a data stream of this name`;
  return blocked('config', 'DST-007', sentence);
}
