import { readFile } from 'node:fs/promises';

import type { StackEvent } from '@aws-sdk/client-cloudformation';
import t from 'tap';
import { parse } from 'yaml';

import { isAdoptable } from '../../agent/deploy/adoption.ts';
import type { Blueprint } from '../../agent/deploy/blueprint.ts';
import {
  blueprintTags,
  definition,
  isUpToDate,
  operationPrefix,
  requireOwn,
} from '../../agent/deploy/blueprint.ts';
import { explainFailure } from '../../agent/deploy/failure.ts';
import { collectorParameters, readerParameters } from '../../agent/deploy/parameters.ts';
import { groupPlaces } from '../../agent/deploy/places.ts';
import { changes, planSteps } from '../../agent/deploy/plan.ts';
import { failureReason } from '../../agent/deploy/stack-events.ts';
import { stackState } from '../../agent/deploy/stack-status.ts';
import { loadTemplate } from '../../agent/deploy/template.ts';
import { blueprintOf, COLLECTOR, planOf } from '../support/deploy-request.ts';

t.test('a plan has one step for each place, with a reason where nothing is done', (t) => {
  const at = (region: string) => ({ account: '111111111111', region });

  const steps = planSteps(
    [
      at('us-east-1'),
      at('us-east-2'),
      at('eu-west-1'),
      at('eu-west-2'),
      at('eu-west-3'),
      { ...at('me-south-1'), off: 'not enabled' },
    ],
    [
      { ...at('us-east-1'), state: 'current' },
      { ...at('us-east-2'), state: 'outdated' },
      { ...at('eu-west-1'), state: 'unborn' },
      { ...at('eu-west-2'), state: 'stuck', reason: 'inoperable' },
      { ...at('sa-east-1'), state: 'current' },
    ],
  );

  t.same(steps, [
    { ...at('us-east-1'), action: 'none' },
    { ...at('us-east-2'), action: 'update' },
    { ...at('eu-west-1'), action: 'create' },
    { ...at('eu-west-2'), action: 'skip', reason: 'inoperable', code: 'CFN-002' },
    { ...at('eu-west-3'), action: 'create' },
    { ...at('me-south-1'), action: 'off', reason: 'not enabled' },
    { ...at('sa-east-1'), action: 'none', reason: 'no longer in the configuration; left as it is' },
  ]);
  t.same(
    changes(planOf({ steps })).map(({ region }) => region),
    ['us-east-2', 'eu-west-1', 'eu-west-3'],
  );
  t.end();
});

t.test('accounts with the same regions share an operation, in whatever order the regions stand', (t) => {
  const places = [
    ['1', 'a'],
    ['1', 'b'],
    ['2', 'b'],
    ['3', 'b'],
    ['3', 'a'],
  ].map(([account = '', region = '']) => ({ account, region }));

  const groups = groupPlaces(places);

  t.same(
    groups.map(({ accounts, regions }) => ({ accounts, regions: [...regions].sort() })),
    [
      { accounts: ['1', '3'], regions: ['a', 'b'] },
      { accounts: ['2'], regions: ['b'] },
    ],
  );
  t.same(
    groups.map(({ places: own }) => own.length),
    [4, 1],
  );
  t.end();
});

t.test('the config hash follows template, parameters and tags, not their order', (t) => {
  const base = blueprintOf({ parameters: { A: '1', B: '2' }, userTags: { owner: 'soc' } });
  const { Tags, Parameters } = definition(base);
  const variants: [string, Blueprint, boolean][] = [
    ['the same', base, true],
    ['another order', blueprintOf({ parameters: { B: '2', A: '1' }, userTags: { owner: 'soc' } }), true],
    ['another value', blueprintOf({ parameters: { A: '1', B: '3' }, userTags: { owner: 'soc' } }), false],
    ['another tag', blueprintOf({ parameters: { A: '1', B: '2' }, userTags: { owner: 'noc' } }), false],
    [
      'another template',
      blueprintOf({ parameters: { A: '1', B: '2' }, userTags: { owner: 'soc' }, body: 'x' }),
      false,
    ],
  ];

  for (const [name, blueprint, expected] of variants) {
    t.equal(isUpToDate(blueprint, { Tags, Parameters }), expected, name);
  }
  t.equal(base.tags.owner, 'soc', 'the user’s tags stay');
  t.equal(base.tags['guardrelay:customer'], 'acme');
  t.equal(isUpToDate(base, undefined), false, 'a stack without tags is never up to date');
  const meddled = Parameters.map((one) => ({ ...one, ParameterValue: '3' }));
  t.equal(isUpToDate(base, { Tags, Parameters: meddled }), false, 'tags stay when others change a parameter');
  t.end();
});

t.test('the same work has the same operation id, other work another, and each fits AWS’s pattern', (t) => {
  const { tags } = blueprintOf({});
  const places = [
    { account: '1', region: 'a' },
    { account: '2', region: 'a' },
  ];

  const id = operationPrefix('create', 'set:1', tags, places);

  t.match(`${id}1`, /^gr-[0-9a-f]{32}-1$/);
  t.equal(operationPrefix('create', 'set:1', tags, [...places].reverse()), id);
  t.not(operationPrefix('update', 'set:1', tags, places), id);
  t.not(operationPrefix('create', 'set:2', tags, places), id);
  t.not(operationPrefix('create', 'set:1', tags, places.slice(1)), id);
  t.not(
    operationPrefix('create', 'set:1', blueprintTags({ ...blueprintOf({}), tags: { x: 'y' } }), places),
    id,
  );
  t.end();
});

t.test('what others made under the same name is refused, with a free name as the way out', (t) => {
  const refusal = (tags: readonly { Key: string; Value: string }[]) => () =>
    requireOwn(blueprintOf({}), 'StackSet guardrelay', tags);

  t.throws(refusal([]), { code: 'CFN-002', message: /was not made by guardrelay/, fix: /guardrelay-acme/ });
  t.throws(refusal([{ Key: 'guardrelay:customer', Value: 'globex' }]), {
    code: 'CFN-002',
    message: /belongs to customer globex/,
  });
  t.doesNotThrow(refusal([{ Key: 'guardrelay:customer', Value: 'acme' }]));
  t.end();
});

/** As CloudFormation words it on AWS. */
const KEPT =
  'Resource handler returned message: "Resource of type \'AWS::Logs::LogGroup\' with identifier \'{"/properties/LogGroupName":"/aws/events/guardrelay"}\' already exists." (RequestToken: 258db5a1-23c6-5e4b-4d23-7a469fc2de96, HandlerErrorCode: AlreadyExists)';
const KEPT_BY_NAME =
  "Resource of type 'AWS::Logs::LogGroup' with identifier '/aws/events/guardrelay' already exists.";
const EXISTENCE_CHECK =
  'The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.';
const TEN_POLICIES =
  'Resource handler returned message: "Resource limit exceeded. (Service: CloudWatchLogs, Status Code: 400, Request ID: 1)" (RequestToken: 2, HandlerErrorCode: ServiceLimitExceeded)';

t.test('AWS’s reasons become a code and a next step', (t) => {
  const reasons: [string | undefined, string, RegExp][] = [
    [
      "Account 222222222222 should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to Role 'AWSCloudFormationStackSetAdministrationRole'.",
      'CFN-001',
      /execution role/,
    ],
    [
      'User: arn:aws:sts::1:assumed-role/x is not authorized to perform: logs:CreateLogGroup',
      'CFN-012',
      /Allow/,
    ],
    ['… with an explicit deny in a service control policy', 'CFN-012', /service control policy/],
    ['Access Denied', 'CFN-012', /Allow/],
    ['Region me-south-1 is not enabled for account 1', 'CFN-003', /Enable the region/],
    ['The security token included in the request is invalid', 'CFN-003', /Enable the region/],
    ['Account 222222222222 is suspended', 'CFN-002', /Take the account out/],
    [
      `ResourceLogicalId:LogGroup, ResourceType:AWS::Logs::LogGroup, ResourceStatusReason:${KEPT}.`,
      'CFN-003',
      /adopt/,
    ],
    [KEPT_BY_NAME, 'CFN-003', /adopt/],
    [EXISTENCE_CHECK, 'CFN-003', /stack.prefix/],
    [
      '/aws/events/guardrelay already exists in stack arn:aws:cloudformation:us-east-1:1:stack/other/1',
      'CFN-003',
      /belongs to another stack/,
    ],
    [
      `ResourceLogicalId:LogPolicy, ResourceType:AWS::Logs::ResourcePolicy, ResourceStatusReason:${TEN_POLICIES}.`,
      'LOG-003',
      /stack.logPolicyScope: logGroup/,
    ],
    [`LogPolicy: ${TEN_POLICIES}`, 'LOG-003', /stack.logPolicyScope: logGroup/],
    ['LogGroup: Resource handler returned message: "Resource limit exceeded."', 'CFN-003', /higher quota/],
    ['something new', 'CFN-003', /same command again/],
    [undefined, 'CFN-003', /same command again/],
  ];

  for (const [reason, code, fix] of reasons) {
    const explanation = explainFailure(reason);
    t.equal(explanation.code, code, reason ?? 'no reason');
    t.match(explanation.fix, fix);
  }
  t.end();
});

t.test(
  'a log group that is there is known by AWS’s words, and only the one that the stack would make',
  (t) => {
    const group = (LogGroupName: string, LogPolicyScope = 'Account') =>
      blueprintOf({ parameters: { LogGroupName, LogPolicyScope } });
    const failed = (reason: string) =>
      ({ account: '1', region: 'a', stack: 'guardrelay', status: 'failed', reason }) as const;
    const own = group('/aws/events/guardrelay');
    const cases: [string, Blueprint, boolean][] = [
      [KEPT, own, true],
      [KEPT_BY_NAME, own, true],
      [EXISTENCE_CHECK, own, true],
      [KEPT, group('/aws/events/other'), false],
      [KEPT, group('/aws/events/guard'), false],
      [KEPT, group('/aws/events/guardrelay', 'LogGroup'), false],
      [KEPT.replaceAll('Logs::LogGroup', 'Events::Rule'), own, false],
      [KEPT.replace('already exists', 'was not found'), own, false],
      ['/aws/events/guardrelay already exists in stack arn:aws:cloudformation:x', own, false],
    ];

    for (const [reason, blueprint, expected] of cases)
      t.equal(isAdoptable(failed(reason), blueprint), expected, reason);
    t.equal(isAdoptable({ ...failed(KEPT), status: 'cancelled' }, own), false);
    t.end();
  },
);

t.test('the reason of a failed stack is the first resource that failed in the last operation', (t) => {
  const event = (
    LogicalResourceId: string,
    ResourceStatus: StackEvent['ResourceStatus'],
    ResourceStatusReason?: string,
  ) =>
    ({
      StackId: 's',
      EventId: 'e',
      StackName: 'n',
      Timestamp: new Date(0),
      LogicalResourceId,
      ResourceStatus,
      ResourceStatusReason,
    }) satisfies StackEvent;
  const events = [
    event('guardrelay', 'ROLLBACK_COMPLETE'),
    event('ChangesRule', 'CREATE_FAILED', 'Resource creation cancelled'),
    event('LogPolicy', 'CREATE_FAILED', 'limit of 10 policies'),
    event('guardrelay', 'CREATE_IN_PROGRESS', 'User Initiated'),
    event('LogGroup', 'CREATE_FAILED', 'an older story'),
  ];

  t.equal(failureReason(events), 'LogPolicy: limit of 10 policies');
  t.equal(failureReason(events.slice(3)), undefined);
  t.equal(
    failureReason([event('LogGroup', 'CREATE_FAILED', 'first')]),
    'LogGroup: first',
    'the beginning is beyond the page',
  );
  t.end();
});

t.test('a stack’s status says what the next deployment does with it', (t) => {
  const blueprint = blueprintOf({});
  const { Tags, Parameters } = definition(blueprint);
  const made = { StackName: 'n', CreationTime: new Date(0), Parameters };
  const state = (StackStatus: 'CREATE_COMPLETE', own = Tags) =>
    stackState({ ...made, StackStatus, Tags: own }, blueprint).state;
  const expected = {
    CREATE_COMPLETE: 'current',
    UPDATE_COMPLETE: 'current',
    IMPORT_COMPLETE: 'current',
    UPDATE_ROLLBACK_COMPLETE: 'outdated',
    REVIEW_IN_PROGRESS: 'unborn',
    CREATE_IN_PROGRESS: 'busy',
    UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'busy',
    ROLLBACK_COMPLETE: 'stuck',
    DELETE_FAILED: 'stuck',
  } as const;

  for (const [status, wanted] of Object.entries(expected))
    t.equal(state(status as 'CREATE_COMPLETE'), wanted, status);
  t.equal(state('CREATE_COMPLETE', []), 'outdated', 'without our tags');
  t.equal(stackState(undefined, blueprint).state, 'absent');
  t.end();
});

t.test(
  'the parameters are those of the published templates, and the templates fit into a request',
  async (t) => {
    const reader = {
      relayPrincipalArn: 'a',
      externalId: 'e',
      roleName: 'r',
      prefix: 'p',
      logGroup: 'l',
      stackName: 's',
    };
    const variants = [
      ['regional', collectorParameters(COLLECTOR)],
      ['reader-role', readerParameters(reader)],
    ] as const;

    for (const [name, parameters] of variants) {
      const template = await loadTemplate(name);
      const text = await readFile(new URL(`../../templates/${name}.yaml`, import.meta.url), 'utf8');
      const declared = Object.keys(parse(text, { logLevel: 'silent' }).Parameters);

      t.same(
        Object.keys(parameters).filter((key) => !declared.includes(key)),
        [],
        name,
      );
      t.equal(template.body, text);
      t.match(template.sha256, /^[0-9a-f]{64}$/);
      t.match(template.version, /^\d+/);
      t.ok(Buffer.byteLength(template.body) <= 51_200);
    }
    t.equal(collectorParameters(COLLECTOR).HeartbeatMinutes, '5');
    t.equal(readerParameters(reader).AllowAccountNames, 'false');
    t.equal(readerParameters({ ...reader, accountNames: true }).AllowAccountNames, 'true');
  },
);
