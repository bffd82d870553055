import type { JsonObject } from '../../agent/model/json.ts';
import { HOSTILE_TEXT } from './adversarial-events.ts';
import type { GeneratedEvent } from './finding-generator.ts';
import { enveloped } from './log-events.ts';

/** A call to GuardDuty as CloudTrail records it. */
export function cloudTrailCall(eventName: string, fields: JsonObject = {}): JsonObject {
  return {
    eventVersion: '1.08',
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLEEXAMPLE:alice',
      arn: 'arn:aws:sts::111111111111:assumed-role/Admin/alice',
      accountId: '111111111111',
      accessKeyId: 'ASIAEXAMPLEEXAMPLE',
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: 'AROAEXAMPLEEXAMPLE',
          arn: 'arn:aws:iam::111111111111:role/Admin',
          accountId: '111111111111',
          userName: 'Admin',
        },
        attributes: { creationDate: '2026-07-22T18:00:00Z', mfaAuthenticated: 'true' },
      },
    },
    eventTime: '2026-07-22T18:47:17Z',
    eventSource: 'guardduty.amazonaws.com',
    eventName,
    awsRegion: 'us-west-2',
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.17',
    requestParameters: { detectorId: '12abc' },
    responseElements: null,
    requestID: 'c0ffee00-0000-4000-8000-000000000001',
    eventID: 'c0ffee00-0000-4000-8000-000000000002',
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111111111111',
    eventCategory: 'Management',
    ...fields,
  };
}

const CALLS: readonly GeneratedEvent[] = [
  ['a call', cloudTrailCall('DeleteDetector')],
  ['a call that failed', cloudTrailCall('DeleteDetector', { errorCode: 'AccessDenied', errorMessage: 'no' })],
  [
    'a call that hides findings',
    cloudTrailCall('CreateFilter', { requestParameters: { action: 'ARCHIVE' } }),
  ],
  ['a call of nobody', cloudTrailCall('CreateMembers', { userIdentity: null })],
  [
    'a call of a service',
    cloudTrailCall('UpdateDetector', {
      userIdentity: { type: 'AWSService', invokedBy: 'guardduty.amazonaws.com' },
      sourceIPAddress: 'guardduty.amazonaws.com',
      userAgent: 'guardduty.amazonaws.com',
    }),
  ],
  ['a call from inside AWS', cloudTrailCall('TagResource', { sourceIPAddress: 'AWS Internal' })],
  ['a call over IPv6', cloudTrailCall('UpdateIPSet', { sourceIPAddress: '2001:db8::7' })],
  ['a call that reads', cloudTrailCall('ListDetectors', { readOnly: true, requestParameters: null })],
  ['a call that nobody knows', cloudTrailCall('RethinkDetector')],
  [
    'a hostile call',
    cloudTrailCall(`Delete${HOSTILE_TEXT}`, { userAgent: HOSTILE_TEXT, errorCode: HOSTILE_TEXT }),
  ],
].map(([name, detail]) => ({
  name: String(name),
  text: JSON.stringify(enveloped(detail, { 'detail-type': 'AWS API Call via CloudTrail' })),
}));

const OBJECT = {
  bucketName: 'example-bucket',
  objectKey: 'a/key',
  eTag: 'x',
  versionId: 'v1',
  s3Throttled: false,
};

function scanResult(scanStatus: string, scanResultStatus: string, threats: JsonObject[] | null): JsonObject {
  return {
    schemaVersion: '1.0',
    scanStatus,
    resourceType: 'S3_OBJECT',
    s3ObjectDetails: OBJECT,
    scanResultDetails: { scanResultStatus, threats },
  };
}

const OBJECT_SCAN = 'GuardDuty Malware Protection Object Scan Result';
const PLAN_STATUS = 'GuardDuty Malware Protection Resource Status';

const EVENTS: readonly (readonly [name: string, detailType: string, detail: JsonObject])[] = [
  ['a clean object', OBJECT_SCAN, scanResult('COMPLETED', 'NO_THREATS_FOUND', null)],
  [
    'an infected object',
    OBJECT_SCAN,
    scanResult('COMPLETED', 'THREATS_FOUND', [{ name: 'EICAR-Test-File' }]),
  ],
  ['a hostile object', OBJECT_SCAN, scanResult('COMPLETED', HOSTILE_TEXT, [{ name: HOSTILE_TEXT }])],
  ['an object that could not be scanned', OBJECT_SCAN, scanResult('FAILED', 'FAILED', null)],
  ['a scan result without anything', OBJECT_SCAN, {}],
  [
    'a post-scan action that failed',
    'GuardDuty Malware Protection Post Scan Action Failed',
    { s3ObjectDetails: OBJECT, postScanActions: [{ actionType: 'TAGGING', failureReason: 'ACCESS_DENIED' }] },
  ],
  [
    'an active plan',
    `${PLAN_STATUS} Active`,
    { s3BucketDetails: { bucketName: 'b' }, resourceStatus: 'ACTIVE' },
  ],
  ['a plan with a warning', `${PLAN_STATUS} Warning`, { statusReasons: [{ code: 'x' }] }],
  [
    'a plan with an error',
    `${PLAN_STATUS} Error`,
    { statusReasons: [{ code: 'INSUFFICIENT_SCAN_PERMISSIONS' }] },
  ],
  ['a healthy agent', 'GuardDuty Runtime Protection Healthy', { accountId: '123456789012' }],
  ['an unhealthy agent', 'GuardDuty Runtime Protection Unhealthy', { issue: 'no heartbeat' }],
];

const TEXTS: Readonly<Record<string, string>> = {
  'an event of another service': JSON.stringify(
    enveloped({ a: 1 }, { source: 'aws.ec2', 'detail-type': 'x' }),
  ),
  'another object': '{"hello":"world"}',
  'an empty list of findings': '{"findings":[]}',
  'plain text': 'plain text',
  'no text': '',
  'a scalar': '42',
  'text of several lines': 'first\r\nsecond\n\0third',
  'hostile text': HOSTILE_TEXT,
};

/** What a log group holds beside findings. */
export function otherEvents(): readonly GeneratedEvent[] {
  return [
    ...CALLS,
    ...EVENTS.map(([name, detailType, detail]) => ({
      name,
      text: JSON.stringify(enveloped(detail, { 'detail-type': detailType })),
    })),
    ...Object.entries(TEXTS).map(([name, text]) => ({ name, text })),
  ];
}
