import type { Rendered } from '../../../model/format.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { fitPairs } from '../pairs.ts';
import { createFormat, truncated } from '../rendered.ts';
import { findingEvent } from './finding.ts';
import { CEF_KEYS, type CefEvent } from './keys.ts';
import { changeEvent, guardDutyEvent, noticeEvent, unknownEvent } from './other.ts';
import { CEF_STYLE, lineOf } from './write.ts';

function eventOf(rec: RenderableRec): CefEvent {
  switch (rec.kind) {
    case 'finding':
      return findingEvent(rec);
    case 'config-change':
      return changeEvent(rec);
    case 'guardduty-event':
      return guardDutyEvent(rec);
    case 'notice':
      return noticeEvent(rec);
    case 'unknown':
    case 'unparsed':
      return unknownEvent(rec);
  }
}

/** An event of which nothing but its text is known must say when that text has no room. */
function loses(rec: RenderableRec): boolean {
  return (rec.kind === 'unknown' || rec.kind === 'unparsed') && rec.raw.length > CEF_KEYS.msg.characters;
}

function renderCef(rec: RenderableRec, maxBytes: number): Rendered {
  const event = eventOf(rec);
  if (!loses(rec)) return fitPairs(lineOf(event), maxBytes, CEF_STYLE);
  const cn2 = Buffer.byteLength(rec.raw);
  const { texts } = fitPairs(lineOf({ ...event, fields: { ...event.fields, cn2 } }), maxBytes, CEF_STYLE);
  return truncated(texts[0] ?? '', ['msg']);
}

/** ArcSight's Common Event Format, version 0: what all collectors read. */
export const cef = createFormat('cef', renderCef);
