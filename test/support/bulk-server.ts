import { z } from 'zod';

import { isJsonObject, type JsonObject } from '../../agent/model/json.ts';
import { type FieldType, misfitIn } from './bulk-mapping.ts';
import type { WebhookRequest } from './webhook-receiver.ts';

interface ItemError {
  readonly type: string;
  readonly reason: string;
}

/** The part of an item that says what became of a document. */
export interface ItemFate {
  readonly status: number;
  readonly error?: ItemError;
  readonly failure_store?: string;
}

interface StoredDocument {
  readonly id: string;
  /** As it was sent. */
  readonly line: string;
}

/** An action and its document, as they came. */
interface SentDocument {
  readonly op: 'create' | 'index';
  readonly id: string | undefined;
  readonly line: string;
}

export interface BulkServer {
  /** What is indexed, in order. */
  readonly documents: StoredDocument[];
  /** Every document that was sent, in order. */
  readonly sent: SentDocument[];
  /** Items of the answer to the last request that had any. */
  fates: readonly ItemFate[];
  /** The fate of a document that the server decides for another reason than the document. */
  interfere: (document: SentDocument) => ItemFate | undefined;
  answer(request: WebhookRequest): BulkReply;
}

export interface BulkReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface ServerSetup {
  /** What an index template makes a data stream; any other name becomes an index. */
  readonly dataStreams?: readonly string[];
  readonly mapping?: Readonly<Record<string, FieldType>>;
  /** `http.max_content_length`, of the body as it is unpacked. */
  readonly maxBytes?: number;
  /** What every search is answered with, instead of what is found. */
  readonly refusesSearch?: BulkReply;
  /** Why a request is refused. */
  readonly refuses?: (request: WebhookRequest) => ItemFate | undefined;
}

const TARGET = /^\/([^/?]+)\/_bulk(?:\?|$)/;
const SEARCHED = /^\/([^/?]+)\/_search$/;
const MAX_ID_BYTES = 512;
/** Of the query language what is answered here; anything else is an error, as it may be one there. */
const searchBody = z.strictObject({
  size: z.int().min(0),
  _source: z.literal(false),
  query: z.strictObject({
    bool: z.strictObject({
      minimum_should_match: z.literal(1),
      should: z.array(
        z.union([
          z.strictObject({ ids: z.strictObject({ values: z.array(z.string()) }) }),
          z.strictObject({
            multi_match: z.strictObject({
              query: z.string(),
              type: z.literal('phrase'),
              fields: z.array(z.string()),
              lenient: z.literal(true),
            }),
          }),
        ]),
      ),
    }),
  }),
});
type Clause = z.infer<typeof searchBody>['query']['bool']['should'][number];
const metadata = z.strictObject({
  _index: z.string().optional(),
  _id: z.string().optional(),
  pipeline: z.string().optional(),
});
const action = z.union([z.strictObject({ create: metadata }), z.strictObject({ index: metadata })]);

/** The bulk API of Elasticsearch and OpenSearch, as their documentation describes it, over one target. */
export function createBulkServer(setup: ServerSetup = {}): BulkServer {
  const { dataStreams = [], maxBytes = 100_000_000 } = setup;
  const mapping = new Map<string, FieldType>(Object.entries(setup.mapping ?? {}));
  const server: BulkServer = {
    ...{ documents: [], sent: [], fates: [], interfere: () => undefined },
    answer(request) {
      const searched = SEARCHED.exec(request.path)?.[1];
      if (searched !== undefined) return setup.refusesSearch ?? search(request, searched);
      const target = TARGET.exec(request.path)?.[1];
      const refusal = setup.refuses?.(request) ?? malformed(request, target, maxBytes);
      if (refusal) return reply(refusal.status, refusal);
      const sent = parsed(request.text);
      if ('status' in sent) return reply(sent.status, sent);
      server.sent.push(...sent);
      server.fates = sent.map((document) => fateOf(document, target ?? ''));
      const items = sent.map(({ op, id }, at) => ({
        [op]: { ...placeOf(target ?? '', id), ...server.fates[at] },
      }));
      return reply(200, { took: 3, errors: server.fates.some(({ status }) => status >= 300), items });
    },
  };

  function fateOf(document: SentDocument, target: string): ItemFate {
    const { op, id = `own-${server.documents.length}`, line } = document;
    const refusal = server.interfere(document) ?? unfit(document, dataStreams.includes(target), mapping);
    if (refusal) return refusal;
    const at = server.documents.findIndex((known) => known.id === id);
    if (at !== -1 && op === 'create') return conflict(id);
    server.documents.splice(at === -1 ? server.documents.length : at, 1, { id, line });
    return { status: at === -1 ? 201 : 200 };
  }

  /** All that is indexed can be found at once: nothing here is refreshed now and then. */
  function search({ headers, text }: WebhookRequest, target: string): BulkReply {
    if (headers['content-type'] !== 'application/json')
      return reply(406, badRequest('media_type', 'no JSON'));
    if (server.documents.length === 0) return reply(404, notFound(target));
    const body = searchBody.safeParse(objectIn(text));
    if (!body.success) return reply(400, badRequest('parsing_exception', body.error.message));
    const { should } = body.data.query.bool;
    const found = server.documents.filter((document) => should.some((clause) => isMatch(document, clause)));
    const hits = found.slice(0, body.data.size).map(({ id }) => ({ ...placeOf(target, id), _score: 1 }));
    const total = { value: found.length, relation: 'eq' };
    return reply(200, { took: 1, timed_out: false, hits: { total, max_score: 1, hits } });
  }

  function placeOf(target: string, id: string | undefined) {
    const index = dataStreams.includes(target) ? `.ds-${target}-2026.11.21-000001` : target;
    return { _index: index, _id: id ?? 'own', _version: 1, _shards: { total: 2, successful: 1, failed: 0 } };
  }

  return server;
}

function notFound(target: string) {
  return { status: 404, error: { type: 'index_not_found_exception', reason: `no such index [${target}]` } };
}

/** A phrase is what a whole field says: enough for ids. */
function isMatch({ id, line }: StoredDocument, clause: Clause): boolean {
  if ('ids' in clause) return clause.ids.values.includes(id);
  const { query, fields } = clause.multi_match;
  const source = objectIn(line);
  return fields.some((field) => valueAt(source, field.split('.')) === query);
}

function valueAt(source: JsonObject | undefined, [name = '', ...rest]: readonly string[]): unknown {
  const value = source?.[name];
  if (rest.length === 0) return value;
  return isJsonObject(value) ? valueAt(value, rest) : undefined;
}

function reply(status: number, value: object): BulkReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: JSON.stringify(value),
  };
}

function badRequest(type: string, reason: string): ItemFate & { readonly error: ItemError } {
  return { status: 400, error: { type, reason } };
}

function unfit(
  { op, id, line }: SentDocument,
  isInDataStream: boolean,
  mapping: Map<string, FieldType>,
): ItemFate | undefined {
  if (id === '') {
    return badRequest('illegal_argument_exception', 'if _id is specified it must not be empty');
  }
  if (isInDataStream && op !== 'create') {
    const reason = 'only write ops with an op_type of create are allowed in data streams';
    return badRequest('illegal_argument_exception', reason);
  }
  const source = objectIn(line);
  if (!source) return misparsed(`[1:1] failed to parse: ${line}`);
  if (isInDataStream && source['@timestamp'] === undefined) {
    return misparsed('data stream timestamp field [@timestamp] is missing');
  }
  const misfit = misfitIn(source, mapping);
  return misfit === undefined ? undefined : misparsed(misfit);
}

function misparsed(reason: string): ItemFate {
  return badRequest('document_parsing_exception', reason);
}

function conflict(id: string): ItemFate {
  const reason = `[${id}]: version conflict, document already exists (current version [1])`;
  return { status: 409, error: { type: 'version_conflict_engine_exception', reason } };
}

/** What is wrong with a request as a whole. */
function malformed(
  { method, headers, text }: WebhookRequest,
  target: string | undefined,
  maxBytes: number,
): ItemFate | undefined {
  const type = headers['content-type'] ?? '';
  if (method !== 'POST' || target === undefined)
    return badRequest('illegal_argument_exception', 'no such handler');
  if (!/^application\/(x-nd)?json$/.test(type)) {
    return {
      status: 406,
      error: { type: 'media_type_header_exception', reason: `Content-Type [${type}] is not supported` },
    };
  }
  if (text === '') return badRequest('parse_exception', 'request body is required');
  if (Buffer.byteLength(text) > maxBytes) return { status: 413 };
  if (text.endsWith('\n')) return undefined;
  return badRequest('illegal_argument_exception', 'The bulk request must be terminated by a newline [\\n]');
}

function parsed(text: string): readonly SentDocument[] | ItemFate {
  const lines = text.split('\n').slice(0, -1);
  const sent: SentDocument[] = [];
  for (let at = 0; at < lines.length; at += 2) {
    const { data } = action.safeParse(objectIn(lines[at] ?? ''));
    const line = lines[at + 1];
    if (!data || line === undefined) {
      return badRequest('illegal_argument_exception', `Malformed action/metadata line [${at + 1}]`);
    }
    const [op, { _id: id }] =
      'create' in data ? (['create', data.create] as const) : (['index', data.index] as const);
    if (Buffer.byteLength(id ?? '') > MAX_ID_BYTES) {
      return badRequest(
        'action_request_validation_exception',
        'Validation Failed: 1: id is too long, must be no longer than 512 bytes',
      );
    }
    sent.push({ op, id, line });
  }
  return sent;
}

function objectIn(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
