import type { LocalAws } from '../localaws/server.ts';
import type { Place } from '../localaws/service.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { Fixture } from './findings.ts';
import { CUSTOMERS, LOG_GROUP, ownerOf } from './scene.ts';

/** Plays every fixture: findings through EventBridge, what is no event straight into the log group. */
export function playFixtures(aws: LocalAws, fixtures: readonly Fixture[], now: number): void {
  for (const fixture of fixtures) {
    const finding = findingIn(fixture.json);
    if (finding) emitFinding(aws, finding);
    else aws.logs.insert(placeOf('', ''), LOG_GROUP, [{ timestamp: now, message: fixture.text }]);
  }
}

/** A finding as GuardDuty sends it: with the envelope of the account in which it arrives. */
export function emitFinding(aws: LocalAws, finding: JsonObject): void {
  const place = placeOf(textOf(finding.accountId), textOf(finding.region));
  aws.events.emit(place, { source: 'aws.guardduty', 'detail-type': 'GuardDuty Finding', detail: finding });
}

/** A call by which somebody changes GuardDuty itself. */
interface ConfigChange {
  readonly place: Place;
  readonly call: string;
  readonly request: JsonObject;
}

/** What CloudTrail tells of it. */
export function emitConfigChange(aws: LocalAws, { place, call, request }: ConfigChange): void {
  const { account, region } = place;
  const detail = {
    eventVersion: '1.09',
    userIdentity: {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${account}:assumed-role/admin/jane`,
      accountId: account,
      sessionContext: { sessionIssuer: { userName: 'admin' } },
    },
    eventTime: `${new Date(aws.world.clock.now()).toISOString().slice(0, 19)}Z`,
    eventSource: 'guardduty.amazonaws.com',
    eventName: call,
    awsRegion: region,
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.31.0',
    requestParameters: { detectorId: '12abc34d567e8fa901bc2d34eexample', ...request },
    eventID: aws.world.nextId(),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  };
  aws.events.emit(place, { source: 'aws.guardduty', 'detail-type': 'AWS API Call via CloudTrail', detail });
}

/** The list of addresses whose activity makes no findings. */
export const TRUSTED_LIST = { call: 'UpdateIPSet', request: { ipSetId: 'trusted', activate: true } } as const;

/** A finding that happens again: same identity, updated now. */
export function repeated(finding: JsonObject, count: number, now: number): JsonObject {
  const service = isJsonObject(finding.service) ? finding.service : {};
  return { ...finding, updatedAt: new Date(now).toISOString(), service: { ...service, count } };
}

/** The finding of a fixture, bare or in its envelope; undefined where there is none. */
export function findingIn(json: JsonObject | undefined): JsonObject | undefined {
  const bare = isJsonObject(json?.detail) ? json.detail : json;
  return bare && isJsonObject(bare.service) ? bare : undefined;
}

/** Where events about an account arrive: the region of the event, if its customer collects there. */
function placeOf(account: string, region: string): Place {
  const owner = ownerOf(account === '' ? CUSTOMERS[1].account : account);
  const collected = owner.regions.find((each) => each === region) ?? owner.regions[0] ?? '';
  return { account: owner.account, region: collected, partition: 'aws' };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
