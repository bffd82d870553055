import { createHash } from 'node:crypto';

import type { EncodedRecord } from '../../model/batch.ts';
import type { Rendered } from '../../model/format.ts';
import type { RenderableRec } from '../../model/record.ts';
import { sourceKey } from '../../model/source.ts';
import { objectIn } from './json-body.ts';

/** An id may have 512 bytes; the rest is for a number behind it. */
const MAX_ID_BYTES = 500;
const ID_HEAD = '{"create":{"_id":';
const LF = 0x0a;

/** The lines before each document. */
export interface BulkAction {
  /** `create` leaves a document alone that is there already; some stores without ids know only `index`. */
  readonly name: 'create' | 'index';
  readonly withId: boolean;
  readonly pipeline?: string | undefined;
}

/** A document for each text of a record: an action line and the document on one line. */
export function encodeDocuments(
  record: RenderableRec,
  { texts, truncated }: Rendered,
  { name, withId, pipeline }: BulkAction,
): EncodedRecord {
  const id = documentId(record);
  const lines = texts.map((text, index) => {
    const action = { ...(withId && { _id: index === 0 ? id : `${id}-${index + 1}` }), pipeline };
    return `${JSON.stringify({ [name]: action })}\n${documentText(text, record.time)}\n`;
  });
  return { id: record.key, record, bytes: Buffer.from(lines.join('')), truncated };
}

/** How many documents `encodeDocuments` made of a record. */
export function countDocuments({ bytes }: EncodedRecord): number {
  let lines = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) lines += 1;
  return lines / 2;
}

export function hasDocumentId({ bytes }: EncodedRecord): boolean {
  return bytes.toString('latin1', 0, ID_HEAD.length) === ID_HEAD;
}

/** The same on every try and after every restart, so that a document that is sent again finds itself there. */
function documentId(record: RenderableRec): string {
  const { key } = record;
  // The id of a log event is unique only in its log group: elsewhere it could belong to another event.
  if (record.kind !== 'notice' && key === record.origin.eventId) {
    return hashed(`${sourceKey(record.origin.source)}\n${key}`);
  }
  return documentIdOf(key);
}

/** The id of the first document of a record with a key of its own. */
export function documentIdOf(key: string): string {
  return Buffer.byteLength(key) > MAX_ID_BYTES ? hashed(key) : key;
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * A text as one line of JSON with an `@timestamp`, which data streams demand: as it is, if it is an object that has
 * one. The text itself is kept, so that its numbers stay as they are.
 */
function documentText(text: string, time: number): string {
  const object = objectIn(text);
  if (object && Object.hasOwn(object, '@timestamp')) return oneLine(text);
  const timestamp = `{"@timestamp":"${new Date(time).toISOString()}"`;
  if (!object) return `${timestamp},"message":${JSON.stringify(text)}}`;
  return Object.keys(object).length === 0 ? `${timestamp}}` : `${timestamp},${oneLine(text).slice(1)}`;
}

/** A line end in JSON is a blank between two tokens; here it would begin another action. */
function oneLine(json: string): string {
  return json.replaceAll(/[\r\n]/g, ' ');
}
