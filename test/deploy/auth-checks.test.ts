import t from 'tap';

import { resultsIn, startCheckedWorld } from '../support/checked-world.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const ONLY = { only: ['AUTH-003', 'AUTH-005'] } as const;
const PASSED = { kind: 'passed' };

t.test('AUTH-003 a role that lets the relay in without its ExternalId fails', async (t) => {
  const world = await startCheckedWorld(t, ['us-east-1']);
  const { principals, faults } = world.aws.world;
  const role = principals.role(ACCOUNT, 'GuardRelayReader');
  if (!role) throw new Error('no reader role');
  const look = async () => resultsIn(await world.examine(ONLY))['AUTH-003'];

  const guarded = await look();
  const Statement = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' };
  principals.putRole({ ...role, trust: { Statement } });
  const open = await look();
  const effect = { kind: 'error', code: 'ServiceUnavailable', message: 'later', statusCode: 503 } as const;
  faults.add({ service: 'sts', operation: 'AssumeRole', effect });
  const unclear = await look();
  principals.deleteRole(ACCOUNT, 'GuardRelayReader');
  const closed = resultsIn(await world.examine({ ...ONLY, settings: { id: 'other' } }))['AUTH-003'];

  t.match(guarded, { kind: 'passed', found: /refuses AssumeRole without the ExternalId/ });
  t.match(open, { kind: 'failed', code: 'AUTH-003', found: /GuardRelayReader lets the relay in without/ });
  t.match(unclear, { kind: 'skipped' });
  t.match(closed, { kind: 'skipped', why: /AUTH-002/ });
});

t.test('AUTH-005 a clock that is more than a minute off fails, either way', async (t) => {
  const cases = [
    { ms: 0, result: PASSED },
    { ms: -59_000, result: PASSED },
    { ms: 90_000, result: { kind: 'failed', code: 'AUTH-005', found: /1\.5 min behind that of AWS$/ } },
    { ms: -120_000, result: { kind: 'failed', code: 'AUTH-005', found: /2\.0 min ahead of that of AWS$/ } },
  ];
  const world = await startCheckedWorld(t, ['us-east-1']);
  const { faults } = world.aws.world;

  for (const { ms, result } of cases) {
    const remove = faults.add({ service: 'sts', effect: { kind: 'date-offset', ms } });
    t.match(resultsIn(await world.examine(ONLY))['AUTH-005'], result, `${ms} ms`);
    remove();
  }
  faults.add({ service: 'sts', effect: { kind: 'date-header' } });
  t.match(resultsIn(await world.examine(ONLY))['AUTH-005'], { kind: 'skipped', why: /did not tell/ });
});
