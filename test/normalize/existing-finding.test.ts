import { CreateDetectorCommand, GetFindingsCommand, GuardDutyClient } from '@aws-sdk/client-guardduty';
import t, { type Test } from 'tap';

import type { JsonObject, JsonValue } from '../../agent/model/json.ts';
import { existingFinding } from '../../agent/normalize/existing-finding.ts';
import { HOME, startTestAws } from '../support/local-aws.ts';

const READ_AT = Date.UTC(2026, 1, 2);
const UPDATED = '2026-01-01T10:20:30.456Z';
const BASE = { accountId: HOME.account, type: 'Recon:EC2/Portscan', createdAt: UPDATED, updatedAt: UPDATED };
const DATA = 'service.detection.sequence.resources[].data';

/** One member deep inside a finding; `[]` after a name: the only entry of a list. */
function nested(path: string, value: JsonValue): JsonObject {
  const [step = '', ...below] = path.split('.');
  const inner = below.length === 0 ? value : nested(below.join('.'), value);
  return step.endsWith('[]') ? { [step.slice(0, -2)]: [inner] } : { [step]: inner };
}

/** What becomes of findings that GuardDuty has, on the wire and through the SDK's own model of it. */
async function throughSdk(t: Test, findings: readonly JsonObject[]): Promise<readonly JsonObject[]> {
  const { aws, config } = await startTestAws(t);
  const client = new GuardDutyClient(config());
  const { DetectorId } = await client.send(new CreateDetectorCommand({ Enable: true }));
  const ids = findings.map((_, number) => `f-${number}`);
  for (const [number, finding] of findings.entries()) {
    aws.guardDuty.findings.report(HOME, { ...BASE, ...finding, id: `f-${number}` });
  }
  const { Findings = [] } = await client.send(new GetFindingsCommand({ DetectorId, FindingIds: ids }));
  return Findings.map((finding) => JSON.parse(existingFinding(finding, READ_AT).message));
}

t.test(
  'every member whose wire name is not its SDK name with a small letter comes back as it was',
  async (t) => {
    const rows: readonly [path: string, value: JsonValue][] = [
      ['resource.instanceDetails.productCodes[].productCodeId', 'a'],
      ['resource.instanceDetails.productCodes[].productCodeType', 'a'],
      ['service.action.kubernetesApiCallAction.sourceIPs', ['10.0.0.1']],
      ['service.action.rdsLoginAttemptAction.LoginAttributes[].user', 'a'],
      ['service.detection.sequence.actors[].user.account.account', 'a'],
      [`${DATA}.ec2Instance.IamInstanceProfile.arn`, 'a'],
      [`${DATA}.ec2Instance.productCodes[].productCodeId`, 'a'],
      [`${DATA}.kubernetesWorkload.type`, 'pods'],
      ['service.detection.sequence.endpoints[].location.lat', 1.5],
      ['service.detection.sequence.endpoints[].location.lon', 2.5],
      ['resource.instanceDetails.iamInstanceProfile.arn', 'a'],
      ['service.action.networkConnectionAction.remoteIpDetails.geoLocation.lat', 1.5],
      ['service.action.awsApiCallAction.affectedResources', { 'AWS::S3::Bucket': 'b' }],
    ];

    const came = await throughSdk(
      t,
      rows.map(([path, value]) => nested(path, value)),
    );

    for (const [number, [path, value]] of rows.entries()) {
      t.same(came[number], { ...BASE, ...nested(path, value), id: `f-${number}` }, path);
    }
  },
);

t.test('every time that the SDK makes a date goes out as ISO 8601 with milliseconds', async (t) => {
  const runtime = 'service.runtimeDetails';
  const signal = 'service.detection.sequence.signals[]';
  const paths = [
    'resource.s3BucketDetails[].createdAt',
    'resource.eksClusterDetails.createdAt',
    // The tenth member with a name of its own: TaskCreatedAt.
    'resource.ecsClusterDetails.taskDetails.createdAt',
    'resource.ecsClusterDetails.taskDetails.startedAt',
    'resource.lambdaDetails.lastModifiedAt',
    'resource.recoveryPointDetails.continuousScanDetails.endTime',
    'resource.recoveryPointDetails.continuousScanDetails.startTime',
    'service.ebsVolumeScanDetails.scanStartedAt',
    'service.ebsVolumeScanDetails.scanCompletedAt',
    `${runtime}.process.startTime`,
    `${runtime}.process.lineage[].startTime`,
    `${runtime}.context.modifiedAt`,
    `${signal}.createdAt`,
    `${signal}.updatedAt`,
    `${signal}.firstSeenAt`,
    `${signal}.lastSeenAt`,
    'service.detection.sequence.actors[].session.createdTime',
    `${DATA}.s3Bucket.createdAt`,
    `${DATA}.eksCluster.createdAt`,
    `${DATA}.ecsTask.createdAt`,
  ];

  const came = await throughSdk(
    t,
    paths.map((path) => nested(path, Date.parse(UPDATED) / 1_000)),
  );

  for (const [number, path] of paths.entries()) {
    t.same(came[number], { ...BASE, ...nested(path, UPDATED), id: `f-${number}` }, path);
  }
});

t.test('an update of a finding has one name, however often it is read', async (t) => {
  const finding = { Arn: 'arn:aws:guardduty:eu-central-1:1:detector/d/finding/f', UpdatedAt: UPDATED };

  const event = existingFinding(finding, READ_AT);

  t.match(event, { stream: 'backfill', timestamp: Date.parse(UPDATED), ingestionTime: Date.parse(UPDATED) });
  t.same(existingFinding(finding, READ_AT + 1), event);
  t.not(existingFinding({ ...finding, UpdatedAt: '2026-01-01T10:20:31Z' }, READ_AT).id, event.id);
  t.not(existingFinding({ ...finding, Arn: `${finding.Arn}2` }, READ_AT).id, event.id);
});

t.test('a finding without a name or a time is no reason to stop', async (t) => {
  const one = existingFinding({ Type: 'a' }, READ_AT);
  const other = existingFinding({ Type: 'b' }, READ_AT);

  t.match(one, { timestamp: READ_AT, message: '{"type":"a"}' });
  t.not(one.id, other.id);
});
