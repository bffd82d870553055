import type { Rendered } from '../../../model/format.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { cutForJson } from '../cut.ts';
import { renderOutline } from '../json.ts';
import { withMembers } from '../original.ts';
import { fits, truncated } from '../rendered.ts';
import { MARK_BYTES, markOf, shrinkJson } from '../shrink.ts';
import { wellFormed } from '../well-formed.ts';
import type { EcsDocument } from './document.ts';
import { KEPT_OF_DOCUMENT } from './kept.ts';

interface Shrinking {
  readonly document: EcsDocument;
  /** Bytes of the document as it was. */
  readonly bytes: number;
  /** What has gone. */
  readonly dropped: readonly string[];
}

/** A message is never cut below this. */
const LEAST_MESSAGE_BYTES = 200;

/** Often the longest text, and of an event that nobody knows all there is: it is cut no further than it must. */
function withShorterMessage(shrinking: Shrinking, excess: number): Shrinking {
  const { document, dropped } = shrinking;
  const { message } = document;
  if (message === undefined || excess <= 0) return shrinking;
  const room = Buffer.byteLength(JSON.stringify(message)) - '""'.length - excess - MARK_BYTES;
  const cut = cutForJson(message, Math.max(room, LEAST_MESSAGE_BYTES));
  if (cut === message) return shrinking;
  return { ...shrinking, document: { ...document, message: cut }, dropped: [...dropped, 'message'] };
}

function marked(text: string, { bytes, dropped }: Shrinking): Rendered {
  return truncated(withMembers(text, markOf(bytes, dropped)), dropped);
}

/**
 * A document without its original text in at most `maxBytes`: the end of the message goes, then the largest fields
 * that nobody searches by, then the ends of long texts.
 */
export function renderShrunk(rec: RenderableRec, shrinking: Shrinking, maxBytes: number): Rendered {
  const excess = Buffer.byteLength(JSON.stringify(shrinking.document)) - maxBytes;
  const shorter = withShorterMessage(shrinking, excess);
  const text = wellFormed(JSON.stringify(shorter.document));
  const whole = marked(text, shorter);
  if (shorter.dropped.length > 0 && whole.texts.every((one) => fits(one, maxBytes))) return whole;
  // Less than it has: it might fit, but not with the mark.
  const shrunk = shrinkJson(text, Math.min(maxBytes, Buffer.byteLength(text) - 1), KEPT_OF_DOCUMENT);
  if (!shrunk) return renderOutline(rec);
  return marked(shrunk.text, { ...shorter, dropped: [...shorter.dropped, ...shrunk.dropped] });
}
