import type { EncodedRecord } from '../../model/batch.ts';
import type { Rendered } from '../../model/format.ts';
import { isJsonObject, type JsonObject, jsonOf } from '../../model/json.ts';
import type { RenderableRec } from '../../model/record.ts';

const COMMA = Buffer.from(',');

/** The texts of one record as JSON values with commas between them, ready for `joinJson`. */
export function encodeJson(
  record: RenderableRec,
  { texts, truncated }: Rendered,
  toValue: (text: string) => string,
): EncodedRecord {
  return { id: record.key, record, bytes: Buffer.from(texts.map(toValue).join(',')), truncated };
}

/** How often a record is rendered when its JSON is longer than its text. */
const MAX_TRIES = 4;

/** The same within `maxBytes`. */
export function encodeJsonWithin(
  record: RenderableRec,
  maxBytes: number,
  render: (record: RenderableRec, maxBytes: number) => Rendered,
  toValue: (text: string) => string,
): EncodedRecord {
  return encodeWithin(maxBytes, (textBytes) => encodeJson(record, render(record, textBytes), toValue));
}

/** JSON escapes what it quotes, so for a record to keep within `maxBytes` its text may have to be shorter than that. */
export function encodeWithin(maxBytes: number, encode: (textBytes: number) => EncodedRecord): EncodedRecord {
  let encoded = encode(maxBytes);
  let textBytes = maxBytes;
  for (let tries = 1; tries < MAX_TRIES && encoded.bytes.length > maxBytes; tries += 1) {
    textBytes = Math.floor((textBytes * maxBytes * 0.98) / encoded.bytes.length);
    encoded = encode(textBytes);
  }
  return encoded;
}

/** A body of JSON values: `before`, the records with commas between them, `after`. */
export function joinJson(records: readonly EncodedRecord[], before: string, after: string): Buffer {
  const parts = records.flatMap(({ bytes }, index) => (index === 0 ? [bytes] : [COMMA, bytes]));
  return Buffer.concat([Buffer.from(before), ...parts, Buffer.from(after)]);
}

/**
 * A text as a JSON object: as it is, if it is one, else as the `message` of one. It is parsed to know: an original
 * text may be cut or broken, and would break the whole body.
 */
export function jsonObjectText(text: string): string {
  return isObjectText(text) ? text : JSON.stringify({ message: text });
}

export function isObjectText(text: string): boolean {
  return objectIn(text) !== undefined;
}

/** The JSON object that a text is from its first character on. */
export function objectIn(text: string): JsonObject | undefined {
  const value = text.startsWith('{') ? jsonOf(text) : undefined;
  return isJsonObject(value) ? value : undefined;
}
