import type { Rendered } from '../../model/format.ts';
import type { RenderableRec } from '../../model/record.ts';
import { cutText } from './cut.ts';
import { json, renderOutline } from './json.ts';
import { oneLine } from './one-line.ts';
import { complete, createFormat, fits, truncated } from './rendered.ts';
import { markOf, shrinkJson } from './shrink.ts';

/** Adds the mark as the last member of an object. */
function marked(object: string, mark: string): string {
  return object === '{}' ? `{${mark}}` : `${object.slice(0, -1)},${mark}}`;
}

function renderRaw(rec: RenderableRec, maxBytes: number): Rendered {
  if (rec.kind === 'notice') return json.render(rec, maxBytes);
  const line = oneLine(rec);
  if (fits(line, maxBytes)) return complete(line);
  if (rec.kind === 'unparsed') return truncated(cutText(line, maxBytes), ['raw']);
  const shrunk = shrinkJson(line, maxBytes);
  if (!shrunk) return renderOutline(rec);
  if (shrunk.lossless) return complete(shrunk.text);
  const mark = markOf(Buffer.byteLength(rec.raw), shrunk.dropped);
  return truncated(marked(shrunk.text, mark), shrunk.dropped);
}

/** The text of the log event as it came, in one line; notices of the agent in the form of `json`. */
export const raw = createFormat('raw', renderRaw);
