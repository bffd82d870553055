import t from 'tap';

import type { CredentialScope } from '../../agent/aws/credential-scope.ts';
import type { Identity } from '../../agent/aws/identity-cache.ts';
import { createAccountCalls } from '../../agent/deploy/checks/account-calls.ts';
import { runChecks } from '../../agent/deploy/checks/check.ts';
import { SIGNER_CHECKS } from '../../agent/deploy/checks/signer.ts';
import { clientsOf, OWN_SCOPE, readerScope } from '../support/aws-clients.ts';
import { resultsIn, startCheckedWorld } from '../support/checked-world.ts';
import { ACCOUNT, startTestAws, type TestAws } from '../support/local-aws.ts';

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

const DAY_MS = 86_400_000;
const KEYS = { type: 'keys', accessKeyId: 'env:KEY_ID', secretAccessKey: 'env:SECRET_KEY' } as const;

/** The checks of what signs, for an agent that finds these credentials. */
async function signerResults(
  t: Parameters<typeof clientsOf>[0],
  test: TestAws,
  found: Identity,
  scope = OWN_SCOPE,
) {
  const secrets: Readonly<Record<string, string>> = {
    'env:KEY_ID': found.accessKeyId,
    'env:SECRET_KEY': found.secretAccessKey,
  };
  const clients = clientsOf(t, test, {
    ownCredentials: async () => found,
    readSecret: async (reference) => secrets[reference] ?? '',
  });
  const { clock } = test;
  const { signal } = new AbortController();
  const calls = createAccountCalls({ clients, scope, clock, signal });
  const checked = await runChecks(SIGNER_CHECKS, { scope, calls, now: clock.now });
  return Object.fromEntries(checked.map(({ check, result }) => [check, result]));
}

t.test('AUTH-004 a key that signs is told of after 90 days, whoever holds it', async (t) => {
  const test = await startTestAws(t);
  const { principals, faults } = test.aws.world;
  const old = principals.addUser(ACCOUNT, 'relay');
  await test.clock.advance(90 * DAY_MS);
  const ninety = await signerResults(t, test, old);
  await test.clock.advance(DAY_MS);
  const young = principals.addUser(ACCOUNT, 'relay');
  const scopes: Readonly<Record<string, CredentialScope>> = {
    'credentials of its own': OWN_SCOPE,
    'a role that is assumed with them': readerScope(test),
    'keys in the configuration': { ...OWN_SCOPE, auth: KEYS },
  };

  for (const [name, scope] of Object.entries(scopes)) {
    t.match(
      await signerResults(t, test, old, scope),
      {
        'AUTH-004': {
          kind: 'warned',
          code: 'AUTH-004',
          found: 'the access key of user relay is 91 days old',
          fix: /^aws iam create-access-key --user-name relay {3}\(then/,
        },
        'AUTH-007': { kind: 'passed', found: /a key signs/ },
      },
      name,
    );
  }
  t.match(ninety, { 'AUTH-004': { kind: 'passed', found: /90 days old$/ } });
  t.match(await signerResults(t, test, young), { 'AUTH-004': { kind: 'passed', found: /is 0 days old$/ } });
  const message = `not authorized to perform: iam:ListAccessKeys on resource: arn:aws:iam::${ACCOUNT}:user/relay`;
  faults.add({ service: 'iam', effect: { kind: 'error', code: 'AccessDeniedException', message } });
  t.match(await signerResults(t, test, old), {
    'AUTH-004': {
      kind: 'skipped',
      right: 'iam:ListAccessKeys',
      resource: `arn:aws:iam::${ACCOUNT}:user/relay`,
    },
  });
});

t.test('AUTH-007 a session that nobody renews is told of before it ends', async (t) => {
  const test = await startTestAws(t);
  const { principals } = test.aws.world;
  const arn = `arn:aws:iam::${ACCOUNT}:role/Agent`;
  const trust = { Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' } };
  principals.putRole({ account: ACCOUNT, name: 'Agent', arn, trust, policies: {} });
  const admin = { account: ACCOUNT, region: 'us-east-1', partition: 'aws', arn: 'arn:aws:iam::1:user/admin' };
  const session = principals.assume(admin, { roleArn: arn, sessionName: 'agent', durationSeconds: 3600 });
  const { accessKeyId, secretAccessKey, sessionToken } = session;
  const pasted = { accessKeyId, secretAccessKey, sessionToken };

  const unrenewed = await signerResults(t, test, pasted);
  const renewed = await signerResults(t, test, { ...pasted, expiration: new Date(session.expiration) });
  const none = clientsOf(t, test, { ownCredentials: () => Promise.reject(new Error('nothing found')) });
  const calls = createAccountCalls({
    ...{ clients: none, scope: OWN_SCOPE, clock: test.clock },
    signal: new AbortController().signal,
  });
  const absent = await runChecks(SIGNER_CHECKS, { scope: OWN_SCOPE, calls, now: test.clock.now });

  t.match(unrenewed, {
    'AUTH-004': { kind: 'passed', found: /a session/ },
    'AUTH-007': { kind: 'warned', code: 'AUTH-007', found: /^a session signs that nobody renews: / },
  });
  t.match(renewed, { 'AUTH-007': { kind: 'passed' } });
  t.match(
    absent.map(({ result }) => result),
    [
      { kind: 'skipped', why: /AUTH-001/ },
      { kind: 'skipped', why: /AUTH-001/ },
    ],
  );
});

t.test('the agent is asked about once, however many accounts it reads', async (t) => {
  const world = await startCheckedWorld(t, ['us-east-1']);
  const others = ['444455556666', '555566667777'];
  for (const id of others) world.aws.world.accounts.add({ id });
  const called: string[] = [];
  world.aws.watch(({ action, caller }) => {
    if (caller.arn.endsWith(':user/relay')) called.push(action);
  });

  await world.examine({
    only: ['AUTH-001', 'AUTH-004', 'AUTH-005', 'AUTH-007'],
    settings: { accounts: { collect: [ACCOUNT, ...others] } },
  });

  const once = called.filter((action) => action !== 'sts:AssumeRole');
  t.same(once.sort(), ['iam:ListAccessKeys', 'sts:GetCallerIdentity']);
});
