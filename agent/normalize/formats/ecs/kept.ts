import { keeping } from '../kept.ts';

/** No key, date or account is longer, so that these stay whole. */
const SHORTEST_BYTES = 64;

/** What people search and correlate by. Of each object around these at least one member is always there. */
const PATHS = [
  '@timestamp',
  'message',
  'ecs.version',
  'labels.guardrelay_key',
  'tags.0',
  'tags.1',
  'organization.id',
  ...['kind', 'module', 'dataset', 'id', 'code', 'action', 'outcome', 'severity', 'risk_score'].map(inEvent),
  ...['reason', 'created', 'start', 'end'].map(inEvent),
  'cloud.provider',
  'cloud.account.id',
  'cloud.region',
  'aws.guardduty.admin_account_id',
  'aws.guardduty.arn',
  'aws.guardduty.severity.code',
  'aws.guardduty.severity.value',
  'aws.guardduty.resource.type',
  'aws.guardduty.resource.uid.0',
  'aws.guardduty.service.archived',
  'aws.guardduty.service.count',
  'aws.guardduty.service.detector_id',
];

/** The last to go. */
export const KEPT_OF_DOCUMENT = keeping(PATHS, [Number.POSITIVE_INFINITY, 1000, 200, SHORTEST_BYTES]);

function inEvent(name: string): string {
  return `event.${name}`;
}
