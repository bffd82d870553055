import type { Rendered } from '../../../model/format.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { complete, createFormat, fits } from '../rendered.ts';
import { wellFormed } from '../well-formed.ts';
import { documentOf, type EcsDocument } from './document.ts';
import { renderShrunk } from './shrink.ts';

/** Of some records the message is the original text already. */
function hasOriginal({ kind }: RenderableRec, rawData: boolean): boolean {
  return rawData && kind !== 'unknown' && kind !== 'unparsed';
}

function withOriginal(document: EcsDocument, { raw }: RenderableRec): EcsDocument {
  return { ...document, event: { ...document.event, original: raw } };
}

function renderEcs(rec: RenderableRec, maxBytes: number, { rawData } = { rawData: true }): Rendered {
  const document = documentOf(rec);
  const original = hasOriginal(rec, rawData);
  const text = wellFormed(JSON.stringify(original ? withOriginal(document, rec) : document));
  if (fits(text, maxBytes)) return complete(text);
  const dropped = original ? ['event.original'] : [];
  return renderShrunk(rec, { document, bytes: Buffer.byteLength(text), dropped }, maxBytes);
}

/** A document of Elastic Common Schema 9.5; what has no field there is in `aws.guardduty`. */
export const ecs = createFormat('ecs', renderEcs);
