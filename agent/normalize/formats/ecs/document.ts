import type { RenderableRec } from '../../../model/record.ts';
import { changeDocument } from './change.ts';
import { findingDocument } from './finding.ts';
import { guardDutyDocument, noticeDocument, unknownDocument } from './other.ts';

/** A record in the fields of ECS. What is undefined in it is absent. */
export interface EcsDocument {
  readonly message?: string | undefined;
  readonly event: object;
}

export function documentOf(rec: RenderableRec): EcsDocument {
  switch (rec.kind) {
    case 'finding':
      return findingDocument(rec);
    case 'config-change':
      return changeDocument(rec);
    case 'guardduty-event':
      return guardDutyDocument(rec);
    case 'unknown':
    case 'unparsed':
      return unknownDocument(rec);
    case 'notice':
      return noticeDocument(rec);
  }
}
