import type { RenderableRec } from '../../../model/record.ts';
import { apiActivity } from './api-activity.ts';
import { baseEvent, noticeEvent } from './base-event.ts';
import { detectionFinding } from './detection-finding.ts';
import { isScanResult, scanActivity } from './scan-activity.ts';

/** The record in the class of OCSF that fits it. What is undefined in it is absent. */
export function eventOf(rec: RenderableRec): object {
  switch (rec.kind) {
    case 'finding':
      return detectionFinding(rec);
    case 'config-change':
      return apiActivity(rec);
    case 'guardduty-event':
      return isScanResult(rec) ? scanActivity(rec) : baseEvent(rec);
    case 'unknown':
    case 'unparsed':
      return baseEvent(rec);
    case 'notice':
      return noticeEvent(rec);
  }
}
