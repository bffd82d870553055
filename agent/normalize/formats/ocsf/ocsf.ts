import type { Rendered } from '../../../model/format.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { complete, createFormat, fits, truncated } from '../rendered.ts';
import { eventOf } from './event.ts';
import { shrinkEvent } from './shrink.ts';

/** An escaped backslash, or half a character: JSON.stringify writes every whole one as it is. */
const ESCAPE_OR_HALF = /\\\\|\\ud[89a-f][0-9a-f]{2}/g;

/** Half a character is valid JSON, but many readers refuse the whole record for it. */
function wellFormed(json: string): string {
  if (!json.includes('\\ud')) return json;
  return json.replace(ESCAPE_OR_HALF, (found) => (found === '\\\\' ? found : '\ufffd'));
}

/** The text that the event was made of, unless the event has it already. Of some records it is all there is. */
function originalOf(rec: RenderableRec, rawData: boolean) {
  if (rec.kind === 'notice') return {};
  const size = { raw_data_size: Buffer.byteLength(rec.raw) };
  return rawData || rec.kind === 'unparsed' ? { ...size, raw_data: rec.raw } : size;
}

function renderOcsf(rec: RenderableRec, maxBytes: number, { rawData } = { rawData: true }): Rendered {
  const text = wellFormed(JSON.stringify({ ...eventOf(rec), ...originalOf(rec, rawData) }));
  if (fits(text, maxBytes)) return complete(text);
  const shrunk = shrinkEvent(text, maxBytes);
  return truncated(shrunk.text, shrunk.dropped);
}

/** OCSF 1.8.0: Detection Finding, API Activity, Scan Activity, or Base Event for everything else. */
export const ocsf = createFormat('ocsf', renderOcsf);
