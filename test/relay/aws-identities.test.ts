import t from 'tap';

import { awsIdentities } from '../../agent/relay/aws-identities.ts';
import { clientsOf, readerScope } from '../support/aws-clients.ts';
import { ACCOUNT, startTestAws } from '../support/local-aws.ts';

const REGION = 'eu-central-1';

t.test('a destination signs with the credentials of the agent', async (t) => {
  const test = await startTestAws(t);
  const identities = awsIdentities(clientsOf(t, test))({ region: REGION });

  t.match(await identities.get(), test.keys);
});

t.test('a destination signs as the role that it names, and anew when that was refused', async (t) => {
  const test = await startTestAws(t);
  const { auth } = readerScope(test);
  if (auth.type !== 'assumeRole') throw new Error('the reader has no role');
  const arn = auth.roleArn.replace('{account}', ACCOUNT);
  const role = { arn, externalId: auth.externalId ?? '' };
  const identities = awsIdentities(clientsOf(t, test))({ region: REGION, role });

  const first = await identities.get();
  const kept = await identities.get();
  identities.renew(first);
  const second = await identities.get();

  t.match(first.accessKeyId, /^ASIA/);
  t.ok(first.sessionToken);
  t.equal(kept, first);
  t.not(second.sessionToken, first.sessionToken);
});

t.test('what a person must repair is told with its code; what ends by itself is not', async (t) => {
  const test = await startTestAws(t);
  const role = { arn: 'arn:aws:iam::111122223333:role/nobody', externalId: 'env:EXTERNAL_ID' };
  const denied = awsIdentities(clientsOf(t, test))({ region: REGION, role });
  const unreachable = awsIdentities(clientsOf(t, test, { endpointUrl: 'http://127.0.0.1:1' }))({
    ...{ region: REGION, role },
  });
  const without = awsIdentities(undefined)({ region: REGION });

  await t.rejects(denied.get(), { name: 'GuardrelayError', code: 'AUTH-002', fix: /AUTH-002\.md/ });
  await t.rejects(unreachable.get(), { name: 'CredentialsError' });
  await t.rejects(without.get(), { name: 'GuardrelayError', code: 'AUTH-001' });
});
