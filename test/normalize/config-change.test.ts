import { readFileSync } from 'node:fs';
import t from 'tap';

import type { ConfigChange } from '../../agent/model/config-change.ts';
import type { JsonObject } from '../../agent/model/json.ts';
import type { Severity } from '../../agent/model/relay-event.ts';
import { HOSTILE_TEXT } from '../support/adversarial-events.ts';
import { recordOf } from '../support/log-events.ts';
import { cloudTrailCall } from '../support/other-events.ts';

const CALLS = new URL('../fixtures/guardduty/calls.json', import.meta.url);

/** The calls that change something, by how much they matter. */
const BY_SEVERITY: Readonly<Record<Severity, readonly string[]>> = {
  critical: [
    'DeleteDetector StopMonitoringMembers DisassociateFromMasterAccount DisassociateFromAdministratorAccount',
    'DisassociateMembers DeleteMembers DisableOrganizationAdminAccount',
  ],
  high: [
    'CreateIPSet UpdateIPSet ArchiveFindings DeleteThreatIntelSet DeleteThreatEntitySet UpdateMemberDetectors',
    'DeletePublishingDestination UpdatePublishingDestination UpdateOrganizationConfiguration',
    'CreateTrustedEntitySet UpdateTrustedEntitySet',
  ],
  medium: [
    'UpdateDetector UpdateThreatIntelSet UpdateThreatEntitySet DeleteIPSet DeleteTrustedEntitySet CreateMembers',
    'InviteMembers AcceptInvitation AcceptAdministratorInvitation DeclineInvitations CreateFilter UpdateFilter',
    'DeleteFilter EnableOrganizationAdminAccount DeleteMalwareProtectionPlan UpdateMalwareProtectionPlan',
    'UpdateMalwareScanSettings UpdateCustomDetectionRuleAssociation DeleteCustomDetectionRuleAssociation',
    'UpdateCustomDetectionRuleOrgConfiguration DeleteCustomDetectionRuleOrgConfiguration',
  ],
  low: [
    'CreateDetector CreateThreatIntelSet CreateThreatEntitySet DeleteInvitations StartMonitoringMembers',
    'CreateSampleFindings CreatePublishingDestination CreateMalwareProtectionPlan',
    'CreateCustomDetectionRuleAssociation CreateCustomDetectionRuleOrgConfiguration',
  ],
  info: [
    'UnarchiveFindings UpdateFindingsFeedback CreateInvestigation SendObjectMalwareScan StartMalwareScan',
    'SendSecurityTelemetry TagResource UntagResource',
  ],
};

function severityIn(eventName: string): string | undefined {
  const row = Object.entries(BY_SEVERITY).find(([, lines]) => lines.join(' ').split(' ').includes(eventName));
  return row?.[0];
}

interface Action {
  readonly action: string;
  readonly mutating: boolean;
}

const actions: readonly Action[] = JSON.parse(readFileSync(CALLS, 'utf8'));

function changeOf(eventName: string, fields: JsonObject = {}): ConfigChange {
  const record = recordOf(cloudTrailCall(eventName, fields));
  if (record.kind !== 'config-change') throw new Error(`${eventName} is ${record.kind}`);
  return record.change;
}

function request(requestParameters: JsonObject): JsonObject {
  return { requestParameters };
}

t.test('every call that GuardDuty has is as severe as what it does', (t) => {
  for (const { action, mutating } of actions) {
    const { severity } = changeOf(action);
    t.equal(severity, mutating ? severityIn(action) : 'info', action);
  }
  t.equal(actions.filter(({ mutating }) => mutating).length, 57);
  t.end();
});

t.test('the request decides where the name of the call does not', (t) => {
  const rows: readonly [eventName: string, requestParameters: JsonObject, severity: Severity][] = [
    ['UpdateDetector', { enable: false }, 'critical'],
    ['UpdateDetector', { enable: true }, 'medium'],
    ['UpdateDetector', { features: [{ name: 'RDS_LOGIN_EVENTS', status: 'DISABLED' }] }, 'high'],
    ['UpdateDetector', { features: [{ name: 'RDS_LOGIN_EVENTS', status: 'ENABLED' }] }, 'medium'],
    [
      'UpdateDetector',
      { features: [{ status: 'ENABLED', additionalConfiguration: [{ status: 'DISABLED' }] }] },
      'high',
    ],
    ['UpdateDetector', { dataSources: { s3Logs: { enable: false } } }, 'high'],
    ['UpdateDetector', { dataSources: { kubernetes: { auditLogs: { enable: false } } } }, 'high'],
    [
      'UpdateDetector',
      { dataSources: { malwareProtection: { scanEc2InstanceWithFindings: { ebsVolumes: false } } } },
      'high',
    ],
    ['UpdateDetector', { dataSources: { s3Logs: { enable: true } } }, 'medium'],
    ['UpdateDetector', { findingPublishingFrequency: 'SIX_HOURS' }, 'high'],
    ['UpdateDetector', { findingPublishingFrequency: 'FIFTEEN_MINUTES' }, 'medium'],
    ['CreateFilter', { action: 'ARCHIVE' }, 'high'],
    ['CreateFilter', { action: 'NOOP' }, 'medium'],
    ['UpdateFilter', { action: 'archive' }, 'high'],
    ['UpdateFilter', {}, 'medium'],
  ];

  for (const [eventName, parameters, severity] of rows) {
    t.equal(changeOf(eventName, request(parameters)).severity, severity, JSON.stringify(parameters));
  }
  t.equal(changeOf('CreateSampleFindings', { userAgent: 'aws-sdk-js/3 guardrelay/1.0.0' }).severity, 'info');
  t.end();
});

t.test('a call that failed is one step less severe', (t) => {
  const rows: readonly [eventName: string, severity: Severity, isHighRisk: boolean][] = [
    ['DeleteDetector', 'high', true],
    ['CreateIPSet', 'medium', false],
    ['EnableOrganizationAdminAccount', 'low', false],
    ['CreateDetector', 'info', false],
    ['TagResource', 'info', false],
    ['RethinkDetector', 'low', false],
  ];

  for (const [eventName, severity, isHighRisk] of rows) {
    t.match(changeOf(eventName, { errorCode: 'AccessDenied' }), { severity, isHighRisk }, eventName);
  }
  t.end();
});

t.test('calls that may hide findings or end the protection are of high risk', (t) => {
  const rows: readonly [eventName: string, isHighRisk: boolean][] = [
    ['DeleteDetector', true],
    ['ArchiveFindings', true],
    ['EnableOrganizationAdminAccount', true],
    ['UpdateMalwareProtectionPlan', true],
    ['DeleteMalwareProtectionPlan', false],
    ['CreateFilter', false],
    ['RethinkDetector', false],
    ['ListDetectors', false],
  ];

  for (const [eventName, isHighRisk] of rows) t.equal(changeOf(eventName).isHighRisk, isHighRisk, eventName);
  t.end();
});

t.test('the verb is the first word of the name', (t) => {
  const rows: readonly [verb: string, eventNames: string][] = [
    ['create', 'CreateIPSet EnableOrganizationAdminAccount InviteMembers AcceptInvitation StartMalwareScan'],
    ['create', 'SendObjectMalwareScan TagResource'],
    ['read', 'GetDetector ListDetectors DescribeMalwareScans'],
    ['update', 'UpdateDetector ArchiveFindings UnarchiveFindings UntagResource'],
    ['delete', 'DeleteDetector DisableOrganizationAdminAccount DisassociateMembers StopMonitoringMembers'],
    ['delete', 'DeclineInvitations'],
    ['other', 'RethinkDetector Getaway toString'],
  ];

  for (const [verb, eventNames] of rows) {
    for (const eventName of eventNames.split(' ')) t.equal(changeOf(eventName).verb, verb, eventName);
  }
  t.notOk(
    actions.some(({ action }) => changeOf(action).verb === 'other'),
    'every known call has one',
  );
  t.end();
});

t.test('a sentence tells who did what from where, and what follows', (t) => {
  const alice = { type: 'IAMUser', userName: 'alice', accountId: '111111111111' };
  const service = { type: 'AWSService', invokedBy: 'guardduty.amazonaws.com' };
  const rows: readonly [eventName: string, fields: JsonObject, sentence: string][] = [
    [
      'UpdateDetector',
      request({ detectorId: 'abc', enable: false }),
      'role/Admin of 111111111111 stopped detector abc from 198.51.100.7: GuardDuty makes no findings there any more',
    ],
    [
      'ArchiveFindings',
      { userIdentity: alice, ...request({ findingIds: ['1', '2', '3'] }) },
      'user/alice of 111111111111 archived findings (3) from 198.51.100.7',
    ],
    [
      'CreateFilter',
      { userIdentity: alice, ...request({ name: 'quiet', action: 'ARCHIVE' }) },
      'user/alice of 111111111111 created the suppression rule quiet from 198.51.100.7: ' +
        'matching findings are archived at once and never sent',
    ],
    [
      'DeleteDetector',
      { ...request({}), errorCode: 'AccessDenied' },
      'role/Admin of 111111111111 tried to delete detector from 198.51.100.7 and failed: AccessDenied',
    ],
    [
      'CreateDetector',
      { userIdentity: { type: 'Root', accountId: '111111111111', arn: 'arn:aws:iam::111111111111:root' } },
      'the root user of 111111111111 switched GuardDuty on from 198.51.100.7',
    ],
    [
      'TagResource',
      {
        userIdentity: service,
        sourceIPAddress: 'guardduty.amazonaws.com',
        ...request({ resourceArn: 'arn:x' }),
      },
      'guardduty.amazonaws.com tagged the resource arn:x',
    ],
    [
      'LeaveBehind',
      { userIdentity: { type: 'AWSAccount', accountId: '222222222222' }, sourceIPAddress: 'AWS Internal' },
      'somebody of 222222222222 used LeaveBehind from AWS Internal',
    ],
    [
      'InviteMembers',
      { userIdentity: null, sourceIPAddress: null, requestParameters: null },
      'somebody invited members',
    ],
  ];

  for (const [eventName, fields, sentence] of rows) {
    t.equal(changeOf(eventName, fields).sentence, sentence, eventName);
  }
  t.end();
});

t.test('the sentence of every known call is words in one line', (t) => {
  for (const { action } of actions) {
    const { sentence } = changeOf(action, request({}));
    t.match(
      sentence,
      /^role\/Admin of 111111111111 [a-z]+(ed|t) [^{}]+ from 198\.51\.100\.7(: .+)?$/,
      action,
    );
    t.notMatch(sentence, / {2}/, action);
  }
  t.end();
});

t.test('hostile text stays a part of one short sentence', (t) => {
  const hostile = HOSTILE_TEXT.repeat(20);
  const { sentence } = changeOf('CreateIPSet', {
    userIdentity: { type: hostile, userName: hostile, accountId: hostile },
    sourceIPAddress: hostile,
    ...request({ name: hostile }),
    errorCode: hostile,
  });

  t.notMatch(sentence, /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
  t.ok(sentence.length < 1000, `${sentence.length} characters`);
  t.end();
});

t.test('the caller is told with the session and the credentials', (t) => {
  const change = changeOf('DeleteDetector', {
    errorCode: 'AccessDenied',
    errorMessage: 'not allowed',
    responseElements: { x: 1 },
  });

  t.same(change, {
    eventId: 'c0ffee00-0000-4000-8000-000000000002',
    requestId: 'c0ffee00-0000-4000-8000-000000000001',
    eventType: 'AwsApiCall',
    userAgent: 'aws-cli/2.17',
    errorMessage: 'not allowed',
    errorCode: 'AccessDenied',
    request: { detectorId: '12abc' },
    response: { x: 1 },
    actor: 'Admin',
    user: {
      name: 'Admin',
      id: 'AROAEXAMPLEEXAMPLE:alice',
      arn: 'arn:aws:sts::111111111111:assumed-role/Admin/alice',
      account: '111111111111',
      accessKeyId: 'ASIAEXAMPLEEXAMPLE',
      type: 'AssumedRole',
      groups: [],
    },
    session: {
      issuer: 'arn:aws:iam::111111111111:role/Admin',
      created: Date.UTC(2026, 6, 22, 18),
      isMfa: true,
    },
    source: { ip: '198.51.100.7', ipVersion: 4 },
    eventName: 'DeleteDetector',
    eventSource: 'guardduty.amazonaws.com',
    verb: 'delete',
    severity: 'high',
    isHighRisk: true,
    sentence:
      'role/Admin of 111111111111 tried to delete detector 12abc from 198.51.100.7 and failed: AccessDenied',
  });
  t.end();
});

t.test('a call of an AWS service has no user, and its name instead of an address', (t) => {
  const rows: readonly [fields: JsonObject, actor: string | undefined, source: object][] = [
    [
      {
        userIdentity: { type: 'AWSService', invokedBy: 'x.amazonaws.com' },
        sourceIPAddress: 'x.amazonaws.com',
      },
      'x.amazonaws.com',
      { domain: 'x.amazonaws.com' },
    ],
    [{ userIdentity: null, sourceIPAddress: 'AWS Internal' }, undefined, { domain: 'AWS Internal' }],
    [{ userIdentity: 'text', sourceIPAddress: '' }, undefined, {}],
    [{ userIdentity: {}, sourceIPAddress: '2001:db8::7' }, undefined, { ip: '2001:db8::7', ipVersion: 6 }],
  ];

  for (const [fields, actor, source] of rows) {
    const change = changeOf('UpdateDetector', fields);
    t.notOk('user' in change);
    t.notOk('session' in change);
    t.equal(change.actor, actor);
    t.same(change.source, source);
  }
  t.end();
});
