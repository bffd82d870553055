import type { RenderableRec } from '../../../model/record.ts';
import { listOf, objectOf, textOf } from '../../lenient.ts';
import { filled } from '../../present.ts';
import { filledList } from './attribute.ts';
import { cloudOf } from './cloud.ts';
import { classified } from './event-class.ts';
import { guardDuty, metadataOf } from './metadata.ts';
import { createObservables } from './observables.ts';
import { eventSeverity } from './severity.ts';

type EventRec = Extract<RenderableRec, { kind: 'guardduty-event' }>;

const OTHER = 99;
const ACTIVITIES: Readonly<Record<string, number>> = { COMPLETED: 2, FAILED: 6 };
const STATUSES: Readonly<Record<string, object>> = {
  COMPLETED: { status_id: 1, status: 'Success' },
  FAILED: { status_id: 2, status: 'Failure' },
};

/** Whether a scan of an object in S3 is what the event tells of. */
export function isScanResult({ envelope }: EventRec): boolean {
  return envelope?.detailType === 'GuardDuty Malware Protection Object Scan Result';
}

function objectArnOf({ partition, detail }: EventRec): string | undefined {
  const { bucketName, objectKey } = objectOf(detail.s3ObjectDetails);
  const [bucket, key] = [textOf(bucketName), textOf(objectKey)];
  return bucket === undefined || key === undefined ? undefined : `arn:${partition}:s3:::${bucket}/${key}`;
}

function malwareOf(threats: unknown) {
  return listOf(threats).flatMap((threat) => {
    const name = textOf(objectOf(threat).name);
    return name === undefined ? [] : { name, classification_ids: [0] };
  });
}

function lookup<T>(table: Readonly<Record<string, T>>, key: string | undefined): T | undefined {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

function observablesIn(rec: EventRec): readonly object[] {
  const { list, add } = createObservables();
  add('account', rec.account, 'cloud.account.uid');
  add('resource', objectArnOf(rec), 'unmapped.detail.s3ObjectDetails');
  return list;
}

/** The result of a malware scan, as OCSF class 6007. */
export function scanActivity(rec: EventRec) {
  const { detail, envelope } = rec;
  const result = objectOf(detail.scanResultDetails);
  const [scanStatus, resultStatus] = [textOf(detail.scanStatus), textOf(result.scanResultStatus)];
  const malware = malwareOf(result.threats);
  return {
    ...classified('scanActivity', lookup(ACTIVITIES, scanStatus) ?? OTHER, scanStatus ?? 'Unknown'),
    ...eventSeverity(rec),
    time: rec.time,
    message: `Malware scan of ${objectArnOf(rec) ?? 'an object'}: ${resultStatus ?? scanStatus ?? 'unknown'}`,
    ...lookup(STATUSES, scanStatus),
    status_code: scanStatus,
    status_detail: resultStatus,
    cloud: cloudOf(rec),
    metadata: metadataOf(rec, {
      product: guardDuty(rec),
      profiles: malware.length > 0 ? ['security_control'] : [],
      event_code: envelope?.detailType,
      log_provider: 'guardduty.amazonaws.com',
    }),
    scan: {
      uid: envelope?.id,
      name: 'GuardDuty Malware Protection for S3',
      type_id: OTHER,
      type: textOf(detail.resourceType) ?? 'S3_OBJECT',
    },
    num_files: 1,
    num_detections: malware.length,
    malware: filledList(malware),
    observables: observablesIn(rec),
    unmapped: filled({ admin_account_id: rec.adminAccount, detail }),
  };
}
