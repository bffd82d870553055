import { once } from 'node:events';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';

import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import t, { type Test } from 'tap';

import { createAwsClients } from '../../agent/aws/clients.ts';
import { type AwsFailure, classifyFailure, isExpired } from '../../agent/aws/failure.ts';
import { OWN_SCOPE } from '../support/aws-clients.ts';
import { createAuthority } from '../support/tls-certificates.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const CALL = { what: 'FilterLogEvents of /g in 1 eu-west-1' };
const SECRET = 'wJalrXUtnFEMI';
const SESSION_TOKEN = 'FwoGZXIvYXdzEXAMPLE';

async function portOf(t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function clientAt(t: Test, endpointUrl: string): CloudWatchLogsClient {
  const clients = createAwsClients({
    clock: createVirtualClock(),
    readSecret: async (reference) => reference,
    agentId: 'test',
    version: '0.0.0',
    endpointUrl,
    ownCredentials: async () => ({
      accessKeyId: 'AKIA',
      secretAccessKey: SECRET,
      sessionToken: SESSION_TOKEN,
    }),
    maxAttempts: 1,
  });
  t.teardown(() => clients.close());
  return clients.logs(OWN_SCOPE, 'eu-west-1');
}

/** The error that the real SDK throws. */
async function errorOf(client: CloudWatchLogsClient): Promise<unknown> {
  try {
    await client.send(new FilterLogEventsCommand({ logGroupName: '/g' }));
  } catch (error) {
    return error;
  }
  throw new Error('the call succeeded');
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly message?: string;
  /** Instead of an error document. */
  readonly body?: string;
}

async function errorAnswer(
  t: Test,
  { status, type, message = 'AWS says so', body }: Answer,
): Promise<unknown> {
  const server = createHttpServer((_, response: ServerResponse) => {
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': 'request-1',
    });
    response.end(body ?? JSON.stringify({ __type: type, message }));
  });
  return errorOf(clientAt(t, `http://127.0.0.1:${await portOf(t, server)}`));
}

const ANSWERS: readonly (Answer & Pick<AwsFailure, 'cause' | 'code'>)[] = [
  { status: 400, type: 'ThrottlingException', message: 'Rate exceeded', cause: 'throttled', code: 'AWS-001' },
  { status: 400, type: 'LimitReached', message: 'Rate exceeded', cause: 'throttled', code: 'AWS-001' },
  { status: 429, type: 'Whatever', cause: 'throttled', code: 'AWS-001' },
  { status: 400, type: 'AccessDeniedException', cause: 'denied', code: 'AUTH-006' },
  { status: 403, type: 'UnrecognizedClientException', cause: 'region-off', code: 'REG-001' },
  { status: 403, type: 'InvalidClientTokenId', cause: 'region-off', code: 'REG-001' },
  { status: 400, type: 'ResourceNotFoundException', cause: 'no-group', code: 'LOG-001' },
  { status: 400, type: 'InvalidParameterException', cause: 'kms', code: 'LOG-005' },
  { status: 400, type: 'InvalidOperationException', cause: 'wrong-class', code: 'LOG-001' },
  {
    status: 400,
    type: 'InvalidParameterException',
    message: 'Not supported by the log group class INFREQUENT_ACCESS',
    cause: 'wrong-class',
    code: 'LOG-001',
  },
  { status: 400, type: 'ExpiredTokenException', cause: 'credentials', code: 'AUTH-007' },
  { status: 403, type: 'InvalidSignatureException', cause: 'credentials', code: 'AUTH-007' },
  { status: 500, type: 'InternalFailure', cause: 'service', code: 'AWS-002' },
  { status: 503, type: 'ServiceUnavailableException', cause: 'service', code: 'AWS-002' },
  { status: 400, type: 'constructor', cause: 'service', code: 'AWS-002' },
  { status: 502, body: '<html>Bad Gateway</html>', cause: 'service', code: 'AWS-002' },
  { status: 200, body: '{"events": [', cause: 'service', code: 'AWS-002' },
];

t.test('each answer of AWS has its cause', async (t) => {
  for (const { cause, code, ...answer } of ANSWERS) {
    const failure = classifyFailure(await errorAnswer(t, answer), CALL);

    t.match(failure, { cause, code }, `${answer.status} ${answer.type ?? answer.body}`);
    t.match(failure.text, CALL.what);
    if (answer.type) t.match(failure.text, /request request-1/);
    t.notMatch(failure.text, '\n');
  }
});

t.test('a refused parameter is the token, where there is one', async (t) => {
  const error = await errorAnswer(t, { status: 400, type: 'InvalidParameterException' });

  t.match(classifyFailure(error, { ...CALL, withToken: true }), { cause: 'token', code: 'AWS-002' });
});

t.test('only an ended session is worth a second try', async (t) => {
  const table = { ExpiredTokenException: true, ExpiredToken: true, AccessDeniedException: false };
  for (const [type, expected] of Object.entries(table)) {
    t.equal(isExpired(await errorAnswer(t, { status: 400, type })), expected, type);
  }
});

t.test('a signature error does not repeat the request that it quotes', async (t) => {
  const message = `The Canonical String should have been 'POST x-amz-security-token:${SESSION_TOKEN}'`;
  const error = await errorAnswer(t, { status: 403, type: 'InvalidSignatureException', message });

  const { text } = classifyFailure(error, CALL);

  t.match(text, 'InvalidSignatureException');
  t.notMatch(text, SESSION_TOKEN);
  t.notMatch(text, SECRET);
});

t.test('a long message of AWS is cut', async (t) => {
  const error = await errorAnswer(t, {
    status: 400,
    type: 'AccessDeniedException',
    message: 'x'.repeat(5_000),
  });

  t.ok(classifyFailure(error, CALL).text.length < 600);
});

t.test('what happens to the connection is no answer of AWS', async (t) => {
  const cut = createServer((socket: Socket) =>
    socket.on('data', () => socket.destroy()).on('error', () => {}),
  );
  const garbage = createServer((socket: Socket) =>
    socket.on('data', () => socket.end('SSH-2.0-OpenSSH\r\n')).on('error', () => {}),
  );
  const gone = createServer();
  const gonePort = await portOf(t, gone);
  await new Promise((resolve) => gone.close(resolve));
  const cutPort = await portOf(t, cut);
  const certificate = await (await createAuthority()).issue({ addresses: ['127.0.0.1'] });
  const strangerPort = await portOf(t, createHttpsServer(certificate));
  const table: readonly { url: string; cause: AwsFailure['cause']; says: RegExp }[] = [
    { url: `http://127.0.0.1:${gonePort}`, cause: 'unreachable', says: /ECONNREFUSED/ },
    { url: `http://127.0.0.1:${cutPort}`, cause: 'unreachable', says: /UND_ERR_SOCKET|ECONNRESET/ },
    { url: 'http://logs.nowhere.invalid', cause: 'unreachable', says: /ENOTFOUND|EAI_AGAIN/ },
    { url: `https://127.0.0.1:${cutPort}`, cause: 'unreachable', says: /ECONNRESET|ERR_SSL|UND_ERR_SOCKET/ },
    {
      url: `https://127.0.0.1:${strangerPort}`,
      cause: 'unreachable',
      says: /UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
    },
    { url: `http://127.0.0.1:${await portOf(t, garbage)}`, cause: 'service', says: /HTTPParserError/ },
  ];
  for (const { url, cause, says } of table) {
    const failure = classifyFailure(await errorOf(clientAt(t, url)), CALL);

    t.match(failure, { cause, code: cause === 'service' ? 'AWS-002' : 'NET-001', text: says }, url);
  }
});

t.test('anything that can be thrown can be classified', (t) => {
  for (const thrown of [undefined, null, 'text', 7, {}, new Error('x'), { name: 3, message: {} }]) {
    t.match(classifyFailure(thrown, CALL), { cause: 'service', code: 'AWS-002' });
  }
  t.end();
});
