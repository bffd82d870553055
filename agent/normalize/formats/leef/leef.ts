import type { RenderableRec } from '../../../model/record.ts';
import { fitPairs } from '../pairs.ts';
import { createFormat } from '../rendered.ts';
import { findingEvent } from './finding.ts';
import { changeEvent, guardDutyEvent, noticeEvent, unknownEvent } from './other.ts';
import { headerOf, LEEF_STYLE, type LeefEvent } from './write.ts';

function eventOf(rec: RenderableRec): LeefEvent {
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

/** IBM's Log Event Extended Format, version 2.0. */
export const leef = createFormat('leef', (rec, maxBytes) => {
  const { header, pairs } = eventOf(rec);
  return fitPairs({ header: headerOf(header), pairs }, maxBytes, LEEF_STYLE);
});
