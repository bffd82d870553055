import t from 'tap';

import { collectorParameters } from '../../agent/deploy/parameters.ts';
import { loadPolicy } from '../../agent/deploy/policies.ts';
import { parseTemplate } from '../../agent/localaws/cloudformation/template/template.ts';
import { COLLECTOR } from '../support/deploy-request.ts';
import { handlerActions } from '../support/handler-permissions.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { HUB_ROLE, READER_ROLE, REGIONAL } from '../support/templates.ts';

const NAMES = { prefix: 'guardrelay', logGroup: '/aws/events/guardrelay', stackName: 'guardrelay' };
const SCOPE = { partition: 'aws', account: ACCOUNT, ...NAMES };

/** The execution role's own: CloudFormation makes, changes and describes the stacks of a StackSet with it. */
const STACKS = ['cloudformation:*'];

t.test(
  'the execution role may do what CloudFormation does for the collector, and nothing else',
  async (t) => {
    const { Statement } = await loadPolicy('stackset-execution', SCOPE);

    const actions = Statement.flatMap(({ Action }) => Action);

    t.same(actions.filter((action) => !STACKS.includes(action)).sort(), handlerActions(REGIONAL));
  },
);

for (const { name, body } of [
  { name: 'stackset-execution-reader', body: READER_ROLE },
  { name: 'stackset-execution-forwarding', body: HUB_ROLE },
] as const) {
  t.test(`and by wish what it does for the role of ${name}, and nothing else`, async (t) => {
    const { Statement } = await loadPolicy(name, SCOPE);

    t.same(Statement.flatMap(({ Action }) => Action).sort(), handlerActions(body));
  });
}

t.test('everything that the execution role may change has a name of ours', async (t) => {
  const { Statement } = await loadPolicy('stackset-execution', SCOPE);

  const anywhere = Statement.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);

  t.same(
    anywhere.filter((action) => !/:Describe/.test(action)).sort(),
    ['logs:DeleteResourcePolicy', 'logs:PutResourcePolicy'],
    'for these two AWS knows no narrower resource',
  );
});

t.test('nobody but a person gives a key, for which the rights are not there', async (t) => {
  t.ok(parseTemplate(REGIONAL).Parameters.has('KmsKeyArn'));
  t.notOk('KmsKeyArn' in collectorParameters(COLLECTOR));
});

t.test('a deployer may do all that, and make the roles', async (t) => {
  const { Statement } = await loadPolicy('deployer', SCOPE);

  const actions = new Set(Statement.flatMap(({ Action }) => Action));

  t.same(
    handlerActions(REGIONAL, READER_ROLE, HUB_ROLE).filter((action) => !actions.has(action)),
    [],
  );
});
