import { z } from 'zod';

import { jsonOf } from '../../model/json.ts';
import type { Outcome } from '../../model/outcome.ts';
import { blocked, oneLine, retry } from '../wire/fault.ts';
import type { Answer } from '../wire/http-client.ts';

/** Kept of what the far side says of one document. */
const MAX_REASON = 300;
/** What OpenSearch Serverless says in collections of time series, which choose ids themselves. */
const NO_IDS = 'Document ID is not supported in create/index operation request';

const itemResult = z.object({
  status: z.int(),
  _index: z.string().optional(),
  /** `used`: the document did not fit the data stream, and stands in its failure store. */
  failure_store: z.string().optional(),
  error: z
    .union([
      z.object({ type: z.string().optional(), reason: z.string().nullish() }),
      z.string().transform((reason) => ({ type: undefined, reason })),
    ])
    .optional(),
});

const bulkAnswer = z.object({
  items: z.array(
    z.union([
      z.object({ create: itemResult }).transform(({ create }) => create),
      z.object({ index: itemResult }).transform(({ index }) => index),
    ]),
  ),
});

/** What became of one document. */
export type BulkItem = z.infer<typeof itemResult>;

interface Asked {
  readonly name: string;
  /** How many documents were sent. */
  readonly documents: number;
}

/** One item per document, in order; else the outcome of an answer that acknowledges nothing. */
export function readItems({ text }: Answer, { name, documents }: Asked): readonly BulkItem[] | Outcome {
  const isJson = text.trimStart().startsWith('{');
  const answer = isJson ? jsonOf(text) : undefined;
  if (isJson && answer === undefined) return retry('DST-005', `the answer of ${name} ends early`);
  const { data } = bulkAnswer.safeParse(answer);
  if (!data) return notBulk(`${name} does not answer as a bulk API does; is it the right URL?`);
  const { length } = data.items;
  return length === documents
    ? data.items
    : notBulk(`${name} answered for ${length} documents, but ${documents} were sent`);
}

function notBulk(sentence: string): Outcome {
  return blocked('config', 'DST-007', sentence);
}

interface Spoken {
  readonly name: string;
  mask(text: string): string;
}

/** What an item means for its record. */
export function outcomeOfItem(item: BulkItem, spoken: Spoken): Outcome {
  const { status } = item;
  if (status === 200 || status === 201) return { kind: 'ok', grade: isAside(item) ? 'accepted' : 'indexed' };
  if (isConflict(item)) return { kind: 'ok', grade: 'indexed' };
  const sentence = sentenceOf(item, spoken);
  if (status === 409 || status === 429 || status >= 500 || refusesIds(item))
    return retry('DST-005', sentence);
  if (status === 400 || status === 413 || status === 422) {
    return { kind: 'reject', why: `DST-005: ${sentence}`, code: String(status) };
  }
  if (status === 401 || status === 403) return forbidden(item, sentence);
  return blocked('config', 'DST-007', sentence);
}

/** The document stands in the failure store of the data stream. */
export function isAside({ failure_store: failureStore }: BulkItem): boolean {
  return failureStore === 'used';
}

/** Nothing is wrong with the document but that it was sent with an id. */
export function refusesIds({ status, error }: BulkItem): boolean {
  return status === 400 && error?.reason === NO_IDS;
}

/** A document of this id is there: an earlier try had arrived. */
function isConflict({ status, error }: BulkItem): boolean {
  return status === 409 && error?.type === 'version_conflict_engine_exception';
}

/** A full disk or a closed index says 403 as well as a missing right. */
function forbidden({ error }: BulkItem, sentence: string): Outcome {
  if (error?.type === 'cluster_block_exception') return blocked('quota', 'DST-005', sentence);
  return blocked('auth', 'DST-004', sentence);
}

function sentenceOf({ status, error }: BulkItem, { name, mask }: Spoken): string {
  const said = [error?.type, error?.reason].filter(Boolean).join(': ');
  return `${name} answered ${status}${said && `: ${oneLine(mask(said), MAX_REASON)}`}`;
}

const SEVEREST_FIRST = ['blocked', 'retry', 'reject'] as const;

/** The outcome of a record whose documents had these. */
export function severest(outcomes: readonly Outcome[]): Outcome {
  for (const severity of SEVEREST_FIRST) {
    const found = outcomes.find(({ kind }) => kind === severity);
    if (found) return found;
  }
  return outcomes.find((outcome) => outcome.kind === 'ok' && outcome.grade === 'accepted') ?? INDEXED;
}

const INDEXED: Outcome = { kind: 'ok', grade: 'indexed' };
