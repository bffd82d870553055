import { concernOf } from '../../../model/event-concern.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { objectOf, textOf } from '../../lenient.ts';
import { filled } from '../../present.ts';
import { administratorOf } from './guardduty.ts';
import { cloudOf, GUARDDUTY, OBSERVER, placeOf } from './place.ts';
import { OF_CONCERN, OF_NOTICE } from './severity.ts';

type RecOf<Kind extends RenderableRec['kind']> = Extract<RenderableRec, { kind: Kind }>;

const OUTCOMES: Readonly<Record<string, string>> = { COMPLETED: 'success', FAILED: 'failure' };

/** How the scan of an object ended; other events have no outcome. */
function outcomeOf(status: string | undefined): string | undefined {
  return status !== undefined && Object.hasOwn(OUTCOMES, status) ? OUTCOMES[status] : undefined;
}

function scanned({ detail }: RecOf<'guardduty-event'>) {
  const status = textOf(detail.scanStatus);
  const result = textOf(objectOf(detail.scanResultDetails).scanResultStatus);
  const { objectKey } = objectOf(detail.s3ObjectDetails);
  return { status, result, path: textOf(objectKey) };
}

/** What GuardDuty tells of itself and of the objects that it scans. */
export function guardDutyDocument(rec: RecOf<'guardduty-event'>) {
  const { status, result, path } = scanned(rec);
  const name = rec.envelope?.detailType ?? 'GuardDuty Event';
  return {
    ...placeOf(rec),
    message: [name, path, result ?? status].filter((text) => text !== undefined).join(': '),
    event: {
      kind: 'event',
      category: status === undefined ? undefined : ['malware'],
      type: ['info'],
      ...GUARDDUTY,
      id: rec.envelope?.id,
      code: name,
      action: result,
      outcome: outcomeOf(status),
      severity: OF_CONCERN[concernOf(rec)],
    },
    cloud: cloudOf(rec),
    observer: OBSERVER,
    file: filled({ path }),
    aws: administratorOf(rec),
  };
}

/** What nobody knows is told as it came. */
export function unknownDocument(rec: RecOf<'unknown' | 'unparsed'>) {
  return {
    ...placeOf(rec),
    message: rec.raw.toWellFormed(),
    event: { kind: 'event', type: ['info'], ...GUARDDUTY, id: rec.envelope?.id },
    cloud: cloudOf(rec),
    observer: OBSERVER,
    aws: administratorOf(rec),
  };
}

/** What the agent itself has to say. */
export function noticeDocument(rec: RecOf<'notice'>) {
  const { id, type, severity, code, title, action, likely, command } = rec.notice;
  return {
    ...placeOf(rec, ['guardrelay']),
    message: [title, likely, command].filter((text) => text !== undefined).join('. '),
    event: {
      kind: 'event',
      type: ['info'],
      module: 'guardrelay',
      dataset: 'guardrelay.notice',
      provider: 'guardrelay',
      id,
      code: type,
      action,
      severity: OF_NOTICE[severity],
      reason: title,
    },
    cloud: cloudOf(rec),
    observer: { vendor: 'guardrelay', product: 'guardrelay' },
    ...(code !== '' && { error: { code } }),
  };
}
