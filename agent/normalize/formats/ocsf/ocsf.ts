import type { Rendered } from '../../../model/format.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { complete, createFormat, fits, truncated } from '../rendered.ts';
import { wellFormed } from '../well-formed.ts';
import { eventOf } from './event.ts';
import { shrinkEvent } from './shrink.ts';

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
