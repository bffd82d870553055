import { createServer as createHttpsServer } from 'node:https';

import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import t, { type Test } from 'tap';

import type { AwsClients } from '../../agent/aws/clients.ts';
import { classifyFailure } from '../../agent/aws/failure.ts';
import { basicAuthorization, type ProxyChoice } from '../../agent/model/proxy.ts';
import { clientsOf, OWN_SCOPE, readerScope } from '../support/aws-clients.ts';
import { type ForwardProxyServer, startForwardProxy } from '../support/forward-proxy.ts';
import { startTestAws } from '../support/local-aws.ts';
import { createAuthority } from '../support/tls-certificates.ts';

const AUTHORIZATION = basicAuthorization('relay', 'password');
const REGION = 'eu-central-1';

function by({ port }: ForwardProxyServer, authorization = AUTHORIZATION): ProxyChoice {
  const server = { host: '127.0.0.1', port, secure: false, authorization };
  return ({ pathname }) => (pathname === '/' ? server : undefined);
}

function describe(clients: AwsClients): Promise<unknown> {
  return clients.logs(OWN_SCOPE, REGION).send(new DescribeLogGroupsCommand({}));
}

async function failureAt(t: Test, endpointUrl: string, proxyFor: ProxyChoice) {
  const clients = clientsOf(t, await startTestAws(t), { endpointUrl, proxyFor });
  return classifyFailure(await describe(clients).catch((error: unknown) => error), { what: 'it' });
}

t.test('46 calls to AWS go through the proxy, with its credentials and signed as ever', async (t) => {
  const test = await startTestAws(t);
  const proxy = await startForwardProxy(t);
  proxy.wants = AUTHORIZATION;
  const clients = clientsOf(t, test, { proxyFor: by(proxy) });

  const caller = await clients.sts(readerScope(test), REGION).send(new GetCallerIdentityCommand({}));
  await describe(clients);

  t.match(caller, { Arn: /assumed-role\/GuardRelayReader/ });
  t.same(new Set(proxy.asked), new Set([`POST ${test.aws.url}/`]));
  t.equal(proxy.asked.length, 3, 'AssumeRole, GetCallerIdentity and DescribeLogGroups');
});

t.test('46 the clients that the AWS SDK makes for itself use the proxy, too', async (t) => {
  const test = await startTestAws(t);
  const { auth } = readerScope(test);
  const roleArn = auth.type === 'assumeRole' ? auth.roleArn.replace('{account}', OWN_SCOPE.account) : '';
  const proxy = await startForwardProxy(t);
  const home = t.testdir({
    config: [
      '[profile source]',
      `aws_access_key_id=${test.keys.accessKeyId}`,
      `aws_secret_access_key=${test.keys.secretAccessKey}`,
      '[profile chained]',
      ...[`role_arn=${roleArn}`, 'source_profile=source', `region=${REGION}`],
      'external_id=0123456789abcdef0123456789abcdef',
    ].join('\n'),
  });
  const before = { ...process.env };
  Object.assign(process.env, { AWS_CONFIG_FILE: `${home}/config`, AWS_ENDPOINT_URL: test.aws.url });
  t.teardown(() => {
    process.env = before;
  });
  const clients = clientsOf(t, test, { proxyFor: by(proxy, '') });

  const caller = await clients
    .sts({ ...OWN_SCOPE, auth: { type: 'profile', name: 'chained' } }, REGION)
    .send(new GetCallerIdentityCommand({}));

  t.match(caller, { Arn: /assumed-role\/GuardRelayReader/ });
  t.equal(proxy.asked.length, 2, 'AssumeRole and GetCallerIdentity');
});

t.test('46 a proxy that refuses the tunnel is an endpoint that cannot be reached', async (t) => {
  const proxy = await startForwardProxy(t);
  proxy.wants = AUTHORIZATION;

  const failures = [
    await failureAt(t, 'https://logs.example.com', by(proxy, 'Basic d3Jvbmc=')),
    await failureAt(t, 'https://logs.example.com', () => ({ host: '127.0.0.1', port: 1, secure: false })),
  ];

  t.match(failures, [
    { cause: 'unreachable', code: 'NET-001', text: /Proxy response \(407\)/ },
    { cause: 'unreachable', code: 'NET-001', text: /ECONNREFUSED/ },
  ]);
  t.same(proxy.asked, ['CONNECT logs.example.com:443']);
  t.notMatch(JSON.stringify(failures), /d3Jvbmc/);
});

t.test('46 inside of the tunnel the host is named, and its certificate checked', async (t) => {
  const authority = await createAuthority();
  const names: string[] = [];
  const impostor = createHttpsServer({
    ...(await authority.issue({ names: ['logs.example.com'] })),
    SNICallback(name, done) {
      names.push(name);
      done(null);
    },
  });
  await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
  t.teardown(() => impostor.close());
  const address = impostor.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const proxy = await startForwardProxy(t);

  const failure = await failureAt(t, `https://logs.example.com:${port}`, by(proxy, ''));

  t.match(failure, { code: 'NET-001', text: /UNABLE_TO_VERIFY|SELF_SIGNED/ });
  t.same(names, ['logs.example.com']);
  t.same(proxy.asked, [`CONNECT logs.example.com:${port}`]);
});
