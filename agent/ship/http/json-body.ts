import type { EncodedRecord } from '../../model/batch.ts';
import type { Rendered } from '../../model/format.ts';
import { isJsonObject } from '../../model/json.ts';
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

function isObjectText(text: string): boolean {
  if (!text.startsWith('{')) return false;
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  }
}
