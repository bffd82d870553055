import type { Rendered } from '../../model/format.ts';
import type { RenderableRec } from '../../model/record.ts';
import { renderOutline } from './json.ts';
import { complete, fits, truncated } from './rendered.ts';
import { markOf, shrinkJson } from './shrink.ts';

/** A JSON object with more members at its end; those of the same name lose. */
export function withMembers(object: string, members: string): string {
  return /^\{\s*\}$/.test(object) ? `{${members}}` : `${object.slice(0, -1)},${members}}`;
}

/** An object of the original text as it is; too large, it loses members and gets one that says so. */
export function renderObject(rec: RenderableRec, object: string, maxBytes: number): Rendered {
  if (fits(object, maxBytes)) return complete(object);
  const shrunk = shrinkJson(object, maxBytes);
  if (!shrunk) return renderOutline(rec);
  if (shrunk.lossless) return complete(shrunk.text);
  const mark = markOf(Buffer.byteLength(object), shrunk.dropped);
  return truncated(withMembers(shrunk.text, mark), shrunk.dropped);
}
