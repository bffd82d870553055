import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import t, { type Test } from 'tap';

import { createAwsClients } from '../../agent/aws/clients.ts';
import type { AwsAuth, CredentialScope } from '../../agent/aws/credential-scope.ts';
import { classifyFailure } from '../../agent/aws/failure.ts';
import { createIdentityCache, type FetchedIdentity } from '../../agent/aws/identity-cache.ts';
import { EXIT, GuardrelayError } from '../../agent/model/error.ts';
import { clientsOf, OWN_SCOPE, readerScope } from '../support/aws-clients.ts';
import { ACCOUNT, startTestAws } from '../support/local-aws.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const OTHER = '222233334444';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A cache whose session is named after the number of the fetch. */
function cacheOf(random = 0.5) {
  const clock = createVirtualClock();
  let fetches = 0;
  const script: Error[] = [];
  const cache = createIdentityCache({
    clock,
    random: () => random,
    async fetch(): Promise<FetchedIdentity> {
      fetches += 1;
      const identity = { accessKeyId: `key ${fetches}`, secretAccessKey: 's' };
      await clock.sleep(100);
      const error = script.shift();
      if (error) throw error;
      return { identity, lifetimeMs: HOUR_MS };
    },
  });
  const get = async (): Promise<string> => {
    const got = cache.get().then(
      ({ accessKeyId }) => accessKeyId,
      (error: unknown) => String(error),
    );
    await clock.advance(100);
    return got;
  };
  return {
    clock,
    cache,
    get,
    fetches: () => fetches,
    failNext: (...errors: Error[]) => script.push(...errors),
  };
}

t.test('whoever asks at the same time shares one flight', async (t) => {
  const { get, fetches, cache } = cacheOf();

  const all = await Promise.all([get(), get(), get()]);

  t.same(all, ['key 1', 'key 1', 'key 1']);
  t.equal(fetches(), 1);
  t.match(await cache.get(), { accessKeyId: 'key 1' });
});

t.test(
  'D23 a session is renewed at 75 % of its life, 5 % more or less, while the old one serves',
  async (t) => {
    for (const { random, atMinutes } of [
      { random: 0, atMinutes: 42 },
      { random: 0.5, atMinutes: 45 },
      { random: 1, atMinutes: 48 },
    ]) {
      const { clock, get, fetches } = cacheOf(random);
      await get();

      await clock.advance(atMinutes * MINUTE_MS - 200);
      const before = await get();
      await clock.advance(200);
      const during = await get();
      const after = await get();

      t.same([before, during, after, fetches()], ['key 1', 'key 1', 'key 2', 2], `at minute ${atMinutes}`);
    }
  },
);

t.test(
  'D23 a refused refresh: the old session serves to its end, then there is one failure for all',
  async (t) => {
    const { clock, get, fetches, failNext } = cacheOf();
    await get();
    failNext(...Array.from({ length: 99 }, (_, i) => new Error(`refusal ${i}`)));

    await clock.advance(50 * MINUTE_MS);
    const served = [await get(), await get()];
    const tried = fetches();
    await clock.advance(10 * MINUTE_MS);
    const ended = await get();
    const failed = fetches();
    const repeated = await Promise.all([get(), get(), get()]);

    t.same(served, ['key 1', 'key 1']);
    t.equal(tried, 2, 'one try, then back-off');
    t.match(ended, 'refusal');
    t.same(repeated, [ended, ended, ended]);
    t.equal(fetches(), failed, 'nobody asks AWS during the back-off');
  },
);

t.test('S22 a refused session is asked for once per back-off, of up to five minutes', async (t) => {
  const { clock, get, fetches, failNext } = cacheOf(1);
  failNext(...Array.from({ length: 999 }, () => new Error('refused')));

  for (let second = 0; second < 3_600; second += 10) {
    await get();
    await clock.advance(9_900);
  }

  t.equal(fetches(), 17, '5, 10, 20, 40, 80, 160 s, then every 5 minutes');
});

t.test('an expired session is dropped once, however many notice', async (t) => {
  const { cache, get, fetches } = cacheOf();
  await get();
  const expired = await cache.get();

  cache.renew(expired);
  const renewed = await get();
  cache.renew(expired);
  const kept = await get();

  t.same([renewed, kept, fetches()], ['key 2', 'key 2', 2]);
});

t.test('D24 two accounts in one process: each call is signed with the right key', async (t) => {
  const test = await startTestAws(t);
  const clients = clientsOf(t, test);
  const scopes = [readerScope(test), readerScope(test, OTHER)];
  const regions = ['eu-central-1', 'us-east-1', 'eu-central-1'];

  const callers = await Promise.all(
    regions.flatMap((region) =>
      scopes.map((scope) => clients.sts(scope, region).send(new GetCallerIdentityCommand({}))),
    ),
  );

  t.same(
    callers.map(({ Account }) => Account),
    [ACCOUNT, OTHER, ACCOUNT, OTHER, ACCOUNT, OTHER],
  );
  t.match(callers[0], { Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/GuardRelayReader/guardrelay-relay-1` });
});

t.test('a client goes on with the next session when the first has ended', async (t) => {
  const test = await startTestAws(t);
  const sts = clientsOf(t, test).sts(readerScope(test), 'eu-central-1');
  const call = () => sts.send(new GetCallerIdentityCommand({}));
  await call();

  await test.clock.advance(50 * MINUTE_MS);
  await call();
  await test.clock.advance(11 * MINUTE_MS);

  t.match(await call(), { Account: ACCOUNT });
});

t.test('D16 the session of another partition comes from the STS of that partition', async (t) => {
  const test = await startTestAws(t);
  test.aws.world.accounts.add({ id: OTHER, partition: 'aws-cn' });
  const keys = test.aws.world.principals.addUser(OTHER, 'relay');
  const clients = clientsOf(t, test, { ownCredentials: async () => keys });
  const scope: CredentialScope = { ...readerScope(test, OTHER), partition: 'aws-cn' };

  const caller = await clients.sts(scope, 'cn-northwest-1').send(new GetCallerIdentityCommand({}));

  t.match(caller, { Account: OTHER, Arn: /^arn:aws-cn:/ });
});

/** What a call under these credentials fails with. */
async function failureOf(clients: ReturnType<typeof clientsOf>, scope: CredentialScope) {
  try {
    await clients.sts(scope, 'eu-central-1').send(new GetCallerIdentityCommand({}));
  } catch (error) {
    return classifyFailure(error, { what: 'GetCallerIdentity' });
  }
  throw new Error('the call succeeded');
}

t.test('credentials that cannot be had say why', async (t) => {
  const test = await startTestAws(t);
  const { faults } = test.aws.world;
  const scope = readerScope(test);
  const sts = (code: string) =>
    faults.add({ service: 'sts', times: 1, effect: { kind: 'error', code, message: 'no', statusCode: 403 } });
  const table = [
    {
      arrange: () => {},
      readSecret: async () => 'wrong-external-id',
      code: 'AUTH-002',
      text: /with its ExternalId.*AccessDenied/,
    },
    { arrange: () => sts('Throttling'), code: 'AWS-001', text: /throttles/ },
    { arrange: () => sts('InvalidClientTokenId'), code: 'AUTH-007', text: /InvalidClientTokenId/ },
    { arrange: () => sts('ExpiredToken'), code: 'AUTH-007', text: /ExpiredToken/ },
    {
      arrange: () => faults.add({ service: 'sts', times: 1, effect: { kind: 'cut' } }),
      code: 'NET-001',
      text: /UND_ERR_SOCKET/,
    },
  ];
  for (const { arrange, code, text, ...options } of table) {
    const clients = clientsOf(t, test, options);
    arrange();

    const failure = await failureOf(clients, scope);

    t.match(failure, { cause: 'credentials', code, text }, code);
    t.match(failure.text, `AssumeRole of arn:aws:iam::${ACCOUNT}:role/GuardRelayReader`);
    t.notMatch(failure.text, 'wrong-external-id');
  }
});

t.test('S24 when STS can be reached again, everything works again', async (t) => {
  const test = await startTestAws(t);
  const clients = clientsOf(t, test);
  const scope = readerScope(test);
  const remove = test.aws.world.faults.add({
    service: 'sts',
    operation: 'AssumeRole',
    effect: { kind: 'cut' },
  });
  const first = await failureOf(clients, scope);
  remove();

  const withinBackoff = await failureOf(clients, scope);
  await test.clock.advance(2_500);
  const caller = await clients.sts(scope, 'eu-central-1').send(new GetCallerIdentityCommand({}));

  t.same(withinBackoff, first);
  t.match(caller, { Account: ACCOUNT });
});

t.test('keys come by reference, and a reference that leads nowhere says so', async (t) => {
  const test = await startTestAws(t);
  const user = test.aws.world.principals.addUser(ACCOUNT, 'reader');
  const secrets: Readonly<Record<string, string>> = {
    'env:ID': user.accessKeyId,
    'env:KEY': user.secretAccessKey,
  };
  const readSecret = async (reference: string): Promise<string> => {
    const secret = secrets[reference];
    if (secret) return secret;
    throw new GuardrelayError('CFG-005', `${reference} is not set`, { exitCode: EXIT.usage, fix: 'Set it.' });
  };
  const scopeWith = (secretAccessKey: string): CredentialScope => ({
    ...OWN_SCOPE,
    auth: { type: 'keys', accessKeyId: 'env:ID', secretAccessKey },
  });
  const clients = clientsOf(t, test, { readSecret });

  const caller = await clients
    .sts(scopeWith('env:KEY'), 'eu-central-1')
    .send(new GetCallerIdentityCommand({}));
  const failure = await failureOf(clients, scopeWith('env:MISSING'));

  t.match(caller, { Arn: /user\/reader$/ });
  t.same(failure, {
    cause: 'credentials',
    code: 'CFG-005',
    text: 'reading the keys of acme: env:MISSING is not set',
  });
});

t.test('keys that are rotated behind their references take effect within ten minutes', async (t) => {
  const test = await startTestAws(t);
  const { principals } = test.aws.world;
  let user = principals.addUser(ACCOUNT, 'before');
  const clients = clientsOf(t, test, {
    readSecret: async (reference) => (reference === 'env:ID' ? user.accessKeyId : user.secretAccessKey),
  });
  const auth = { type: 'keys', accessKeyId: 'env:ID', secretAccessKey: 'env:KEY' } as const;
  const sts = clients.sts({ ...OWN_SCOPE, auth }, 'eu-central-1');
  const caller = () => sts.send(new GetCallerIdentityCommand({}));
  const before = await caller();
  user = principals.addUser(ACCOUNT, 'after');

  await test.clock.advance(10 * MINUTE_MS);

  t.match(before, { Arn: /user\/before$/ });
  t.match(await caller(), { Arn: /user\/after$/ });
});

/** Sets environment variables until the test ends; undefined removes one. */
function environment(t: Test, variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    const set = (to: string | undefined): void => {
      if (to === undefined) delete process.env[name];
      else process.env[name] = to;
    };
    set(value);
    t.teardown(() => set(before));
  }
}

t.test('a profile, and the surroundings of the agent, are read as the AWS SDK reads them', async (t) => {
  const test = await startTestAws(t);
  const { keys } = test;
  const home = t.testdir({
    credentials: `[customer]\naws_access_key_id=${keys.accessKeyId}\naws_secret_access_key=${keys.secretAccessKey}\n`,
    config: '',
  });
  environment(t, {
    AWS_SHARED_CREDENTIALS_FILE: `${home}/credentials`,
    AWS_CONFIG_FILE: `${home}/config`,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_PROFILE: undefined,
  });
  const clients = createAwsClients({
    clock: test.clock,
    readSecret: async (reference) => reference,
    agentId: 'test',
    version: '0.0.0',
    endpointUrl: test.aws.url,
  });
  t.teardown(() => clients.close());
  const scopeOf = (auth: AwsAuth): CredentialScope => ({ ...OWN_SCOPE, auth });
  const profile = scopeOf({ type: 'profile', name: 'customer' });

  const caller = await clients.sts(profile, 'eu-central-1').send(new GetCallerIdentityCommand({}));
  const missing = await failureOf(clients, scopeOf({ type: 'profile', name: 'nobody' }));
  const none = await failureOf(clients, scopeOf({ type: 'default' }));

  t.match(caller, { Arn: /user\/admin$/ });
  t.match(missing, { cause: 'credentials', code: 'AUTH-001', text: /the AWS profile nobody/ });
  t.match(none, { cause: 'credentials', code: 'AUTH-001', text: /the agent's own AWS credentials/ });
});
