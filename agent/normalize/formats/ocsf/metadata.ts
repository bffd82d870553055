import type { Finding } from '../../../model/finding.ts';
import { customerOf, type RenderableRec } from '../../../model/record.ts';
import { filled } from '../../present.ts';
import { filledList } from './attribute.ts';

const VERSION = '1.8.0';

type Profile = 'cloud' | 'container' | 'linux/linux_users' | 'security_control';

/** What a record has of its own in its metadata. */
export interface Particulars {
  readonly product: object;
  readonly profiles?: readonly Profile[];
  readonly event_code?: string | undefined;
  readonly log_provider?: string;
  readonly log_version?: string | undefined;
  readonly correlation_uid?: string | undefined;
  readonly modified_time?: number | undefined;
  readonly isSample?: boolean;
}

/** As Security Hub names GuardDuty: products that know its findings know these three. */
export function guardDuty({ partition, region }: RenderableRec, finding?: Finding) {
  return {
    name: 'GuardDuty',
    vendor_name: 'Amazon',
    uid: `arn:${partition}:securityhub:${region}::product/aws/guardduty`,
    version: finding?.schemaVersion,
    feature: finding && filled({ name: finding.feature, uid: finding.detectorArn ?? finding.detectorId }),
  };
}

function labelsOf(rec: RenderableRec, isSample: boolean | undefined): readonly string[] | undefined {
  const labels = [isSample && 'sample', rec.replay && 'replay', rec.backfill && 'backfill'];
  return filledList(labels.filter((label) => typeof label === 'string'));
}

export function metadataOf(rec: RenderableRec, particulars: Particulars) {
  const { product, profiles = [], isSample, ...others } = particulars;
  return {
    version: VERSION,
    product,
    profiles: ['cloud', ...profiles],
    uid: rec.key,
    original_event_uid: rec.envelope?.id,
    log_name: rec.envelope?.detailType,
    labels: labelsOf(rec, isSample),
    tenant_uid: customerOf(rec) || undefined,
    ...others,
  };
}
