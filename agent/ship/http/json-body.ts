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

/** How often a text is rendered again because its JSON is longer than the text. */
const MAX_TRIES = 4;

/** The same, within `maxBytes` for each value: JSON escapes what it quotes, so a text must be shorter than that. */
export function encodeJsonWithin(
  record: RenderableRec,
  maxBytes: number,
  render: (record: RenderableRec, maxBytes: number) => Rendered,
  toValue: (text: string) => string,
): EncodedRecord {
  let budget = maxBytes;
  let rendered = render(record, budget);
  for (let tries = 1; tries < MAX_TRIES; tries += 1) {
    const longest = Math.max(0, ...rendered.texts.map((text) => Buffer.byteLength(toValue(text))));
    if (longest <= maxBytes) break;
    budget = Math.floor((budget * maxBytes * 0.98) / longest);
    rendered = render(record, budget);
  }
  return encodeJson(record, rendered, toValue);
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
