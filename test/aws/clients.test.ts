import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

import { ListRegionsCommand } from '@aws-sdk/client-account';
import { DescribeStacksCommand, ListStackSetsCommand } from '@aws-sdk/client-cloudformation';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import t, { type Test } from 'tap';

import { type AwsClientsOptions, createAwsClients } from '../../agent/aws/clients.ts';
import type { CredentialScope } from '../../agent/aws/credential-scope.ts';
import { findRegion, guardDutyRegions, homeRegion, isPartition, REGIONS } from '../../agent/aws/regions.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { startTestAws } from '../support/local-aws.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

interface Seen {
  readonly headers: IncomingHttpHeaders;
  readonly port: number | undefined;
  readonly body: string;
}

interface RecordOptions extends Partial<AwsClientsOptions> {
  status?(request: Seen): number;
}

/** Clients of a server that answers every call with an empty document, and what it saw. */
async function recorded(t: Test, { status = () => 200, ...options }: RecordOptions = {}) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const { headers, socket } = request;
    const call = { headers, port: socket.remotePort, body: await text(request) };
    seen.push(call);
    const isXml = headers['content-type']?.includes('form') ?? false;
    const xml = '<R xmlns="x"><DescribeStacksResult><Stacks/></DescribeStacksResult></R>';
    response.writeHead(status(call)).end(isXml ? xml : '{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const clients = createAwsClients({
    clock: createVirtualClock(),
    readSecret: async (reference) => reference,
    agentId: 'test',
    version: '1.2.3',
    endpointUrl: `http://127.0.0.1:${port}`,
    ownCredentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 's' }),
    ...options,
  });
  t.teardown(async () => {
    await clients.close();
    server.close();
  });
  return { clients, seen };
}

t.test('every service is asked in its region, as guardrelay', async (t) => {
  const { clients, seen } = await recorded(t);

  await clients.logs(OWN_SCOPE, 'ap-south-1').send(new DescribeLogGroupsCommand({}));
  await clients.cloudformation(OWN_SCOPE, 'eu-west-3').send(new DescribeStacksCommand({}));
  await clients.account(OWN_SCOPE).send(new ListRegionsCommand({}));

  const scopes = seen.map(({ headers }) =>
    /Credential=(\S+),/.exec(headers.authorization ?? '')?.[1]?.split('/'),
  );
  t.match(scopes, [
    ['AKIDEXAMPLE', /\d{8}/, 'ap-south-1', 'logs', 'aws4_request'],
    ['AKIDEXAMPLE', /\d{8}/, 'eu-west-3', 'cloudformation', 'aws4_request'],
    ['AKIDEXAMPLE', /\d{8}/, 'us-east-1', 'account', 'aws4_request'],
  ]);
  for (const { headers } of seen) t.match(headers['user-agent'], 'guardrelay/1.2.3');
});

t.test('47 clients share connections, and the end of one client leaves the others theirs', async (t) => {
  const { clients, seen } = await recorded(t, { maxSocketsPerHost: 1 });
  const describe = (region: string) => clients.logs(OWN_SCOPE, region).send(new DescribeLogGroupsCommand({}));
  await describe('eu-west-1');

  clients.logs(OWN_SCOPE, 'eu-west-1').destroy();
  await describe('eu-west-2');
  await describe('eu-west-1');

  t.equal(new Set(seen.map(({ port }) => port)).size, 1);
});

t.test('accounts share the client of a region, and each call is signed by its own account', async (t) => {
  const { clients, seen } = await recorded(t);
  const accounts = Array.from({ length: 20 }, (_, at) => `AKID${at}`);
  const scopeOf = (accessKeyId: string): CredentialScope => ({
    ...OWN_SCOPE,
    auth: { type: 'keys', accessKeyId, secretAccessKey: 's' },
  });

  await Promise.all(
    accounts.map((account) =>
      clients
        .logs(scopeOf(account), 'eu-west-1')
        .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: account })),
    ),
  );

  t.equal(seen.length, accounts.length);
  for (const { headers, body } of seen) {
    const key = /Credential=(\w+)\//.exec(headers.authorization ?? '')?.[1];
    t.same(JSON.parse(body), { logGroupNamePrefix: key });
  }
});

t.test('D08 a full quota is told at once: no retry could empty it', async (t) => {
  const test = await startTestAws(t);
  const effect = { kind: 'error', code: 'LimitExceededException', message: 'full', statusCode: 400 } as const;
  test.aws.world.faults.add({ operation: 'ListStackSets', times: 1, effect });
  const client = clientsOf(t, test, { maxAttempts: 3 }).cloudformation(OWN_SCOPE, 'us-east-1');

  await t.rejects(client.send(new ListStackSetsCommand({})), { name: 'LimitExceededException' });
  await t.resolves(client.send(new ListStackSetsCommand({})), 'a second call would have been answered');
});

t.test('an account that uses up its retries takes none from the others', async (t) => {
  const { clients, seen } = await recorded(t, {
    status: ({ body }) => (body.includes('failing') ? 503 : 200),
  });
  const failing = () =>
    clients
      .logs({ ...OWN_SCOPE, account: '222233334444' }, 'eu-west-1')
      .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'failing' }))
      .catch(() => undefined);
  for (let call = 0; call < 20; call += 1) await Promise.all([failing(), failing()]);
  const triesOf = (prefix: string) => seen.filter(({ body }) => body.includes(prefix)).length;
  const used = triesOf('failing');
  await failing();
  t.equal(triesOf('failing') - used, 1, 'has no retries left');

  await clients
    .logs(OWN_SCOPE, 'eu-west-1')
    .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'failing for another' }))
    .catch(() => undefined);

  t.equal(triesOf('for another'), 3);
});

t.test('closing cuts what is open, and twice does no harm', async (t) => {
  const { clients } = await recorded(t);
  const logs = clients.logs(OWN_SCOPE, 'eu-west-1');
  await logs.send(new DescribeLogGroupsCommand({}));

  await clients.close();
  await clients.close();

  await t.rejects(logs.send(new DescribeLogGroupsCommand({})));
});

t.test('the regions table knows what is offered where', (t) => {
  const names = (partition: 'aws' | 'aws-cn' | 'aws-iso-b') =>
    guardDutyRegions(partition).map(({ region }) => region);

  t.equal(REGIONS.length, 46);
  t.equal(names('aws').length, 34);
  t.equal(guardDutyRegions('aws').filter(({ optIn }) => !optIn).length, 17);
  t.same(names('aws-cn'), ['cn-north-1', 'cn-northwest-1']);
  t.same(names('aws-iso-b'), ['us-isob-east-1'], 'us-isob-west-1 has no GuardDuty');
  t.match(findRegion('us-east-1'), { filterLogEventsTps: 25, partition: 'aws' });
  t.equal(findRegion('us-east1'), undefined);
  t.end();
});

t.test('the home region of each partition is one of its own that is always on', (t) => {
  for (const partition of new Set(REGIONS.map((row) => row.partition))) {
    t.ok(isPartition(partition));
    t.match(findRegion(homeRegion(partition)), { partition, optIn: false });
  }
  t.notOk(isPartition('aws-mars'));
  t.end();
});
