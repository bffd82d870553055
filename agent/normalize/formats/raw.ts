import type { Rendered } from '../../model/format.ts';
import type { RenderableRec } from '../../model/record.ts';
import { cutText } from './cut.ts';
import { json } from './json.ts';
import { oneLine } from './one-line.ts';
import { renderObject } from './original.ts';
import { complete, createFormat, fits, truncated } from './rendered.ts';

function renderRaw(rec: RenderableRec, maxBytes: number): Rendered {
  if (rec.kind === 'notice') return json.render(rec, maxBytes);
  const line = oneLine(rec);
  if (rec.kind !== 'unparsed') return renderObject(rec, line, maxBytes);
  return fits(line, maxBytes) ? complete(line) : truncated(cutText(line, maxBytes), ['raw']);
}

/** The text of the log event as it came, in one line; notices of the agent in the form of `json`. */
export const raw = createFormat('raw', renderRaw);
