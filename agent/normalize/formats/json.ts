import type { Rendered } from '../../model/format.ts';
import type { RenderableRec } from '../../model/record.ts';
import { cutForJson } from './cut.ts';
import { oneLine } from './one-line.ts';
import { outlineOf, shortOutlineOf } from './outline.ts';
import { complete, createFormat, fits, truncated } from './rendered.ts';
import { MARK_BYTES, markOf, shrinkJson } from './shrink.ts';

/** The outline alone: the least that a record can be, for records of which not even the kept members fit. */
export function renderOutline(rec: RenderableRec): Rendered {
  const mark = markOf(Buffer.byteLength(rec.raw), ['event']);
  return truncated(`${shortOutlineOf(rec)},"event":null,${mark}}`, ['event']);
}

function renderUnparsed(rec: RenderableRec, maxBytes: number): Rendered {
  const raw = rec.raw.toWellFormed();
  const whole = `${outlineOf(rec)},"event":null,"raw":${JSON.stringify(raw)}}`;
  if (fits(whole, maxBytes)) return complete(whole);
  const start = `${shortOutlineOf(rec)},"event":null,"raw":`;
  const cut = cutForJson(raw, maxBytes - Buffer.byteLength(start) - MARK_BYTES - '"",}'.length);
  const mark = markOf(Buffer.byteLength(raw), ['raw']);
  return truncated(`${start}${JSON.stringify(cut)},${mark}}`, ['raw']);
}

function renderJson(rec: RenderableRec, maxBytes: number): Rendered {
  if (rec.kind === 'unparsed') return renderUnparsed(rec, maxBytes);
  const name = rec.kind === 'notice' ? 'notice' : 'event';
  const event = oneLine(rec);
  // The original text is put in as it is: to parse and print it would change numbers.
  const outline = outlineOf(rec);
  const whole = `${outline},"${name}":${event}}`;
  if (fits(whole, maxBytes)) return complete(whole);
  const short = shortOutlineOf(rec);
  const start = `${short},"${name}":`;
  const shrunk = shrinkJson(event, maxBytes - Buffer.byteLength(start) - ',}'.length);
  if (!shrunk) return renderOutline(rec);
  if (shrunk.lossless) {
    const text = `${start}${shrunk.text}}`;
    return short === outline ? complete(text) : truncated(text, []);
  }
  const mark = markOf(Buffer.byteLength(rec.raw), shrunk.dropped);
  return truncated(`${start}${shrunk.text},${mark}}`, shrunk.dropped);
}

/** The original event inside an envelope of ours that names customer, account, region, kind and key. */
export const json = createFormat('json', renderJson);
