import t from 'tap';

import type { StackFacts } from '../../agent/model/stack-facts.ts';
import { namesOf } from '../../agent/relay/notice-look.ts';
import { stackConditions } from '../../agent/relay/stack-conditions.ts';

const NOW_RELEASE = { version: '0.2.0', configHash: 'abc' };
const SEEN: StackFacts = {
  ...{
    customer: 'acme',
    account: '111111111111',
    region: 'eu-west-1',
    stack: 'guardrelay',
    mode: 'stackset',
  },
  expected: NOW_RELEASE,
  seen: NOW_RELEASE,
};
const NAMES = namesOf(
  [{ id: 'acme', name: 'ACME' }],
  new Map([['acme', new Map([['111111111111', 'pay']])]]),
);

t.test('a stack of an earlier release or of another configuration is told, with what differs', async (t) => {
  const told = stackConditions(
    [
      { ...SEEN, seen: { version: '0.1.0', configHash: 'abc' } },
      { ...SEEN, region: 'us-east-1', seen: { version: '0.2.0', configHash: 'old' } },
      { ...SEEN, region: 'us-west-2', seen: {} },
    ],
    NAMES,
  );

  t.match(told, [
    {
      ...{ type: 'stack.outdated', code: 'CFN-004', region: 'eu-west-1' },
      customers: [{ id: 'acme', name: 'ACME' }],
      account: { id: '111111111111', name: 'pay' },
      reason: 'stack guardrelay was deployed by 0.1.0; this is 0.2.0',
    },
    { reason: 'stack guardrelay was deployed with another configuration' },
    { reason: 'stack guardrelay was deployed by an unknown release; this is 0.2.0' },
  ]);
  t.equal(new Set(told.map(({ cause }) => cause)).size, 1, 'all regions of a customer are one message');
  t.equal(new Set(told.map(({ subject }) => subject)).size, 3);
});

t.test('nothing is told of a stack that is as it should be, not seen, or not ours', async (t) => {
  const { seen: _, ...unseen } = SEEN;

  t.same(stackConditions([SEEN, unseen, { ...unseen, mode: 'existing' }], NAMES), []);
});
