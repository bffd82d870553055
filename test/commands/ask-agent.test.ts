import t from 'tap';

import { askAgent } from '../../agent/commands/ask-agent.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { drawToken, hashPassword, hashToken } from '../../agent/console/auth/secret-hash.ts';
import { startHttp } from '../../agent/console/server.ts';
import { agentView, LISTEN } from '../support/agent-view.ts';

const TOKEN = drawToken();
const PASSWORD = 'correct horse battery staple';
const HASHES = {
  'env:TOKEN': hashToken(TOKEN),
  'env:PASSWORD': await hashPassword(PASSWORD, { log: 10, r: 8, p: 1 }),
};

const { signal } = new AbortController();

function configOf(url: string, more: string): Parameters<typeof askAgent>[0] {
  const parsed = parseConfig(
    `version: 1
customers: [{ id: acme, auth: { type: default }, accounts: { collect: ["111111111111"] }, destinations: [siem] }]
destinations: [{ id: siem, type: webhook, url: "https://siem.example.com" }]
http: { listen: "${new URL(url).host}", ${more} }
`,
    {},
  );
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  return parsed.config;
}

t.test('a command logs in as http.auth wants it', async (t) => {
  const readSecret = async (reference: string) =>
    reference === 'env:TOKEN' ? HASHES['env:TOKEN'] : HASHES['env:PASSWORD'];
  const withToken = await startHttp({
    ...{ ...LISTEN, readSecret, view: agentView() },
    auth: { type: 'token', users: [{ name: 'cli', role: 'viewer', hash: 'env:TOKEN' }] },
  });
  const withPassword = await startHttp({
    ...{ ...LISTEN, readSecret, view: agentView() },
    auth: { type: 'basic', users: [{ name: 'jane', role: 'viewer', hash: 'env:PASSWORD' }] },
  });
  t.teardown(() => Promise.all([withToken.close(), withPassword.close()]));
  const folder = t.testdir({ token: `${TOKEN}\n` });
  const users = 'users: [{ name: cli, tokenHash: env:HASH }]';
  const tokenConfig = configOf(withToken.url, `auth: { type: token, ${users} }`);
  const fileConfig = configOf(
    withToken.url,
    `auth: { type: token, ${users} }, apiToken: "file:${folder}/token"`,
  );
  const basicConfig = configOf(
    withPassword.url,
    'auth: { type: basic, users: [{ name: jane, passwordHash: env:HASH }] }',
  );
  const me = '/api/v1/me';

  const byEnvironment = await askAgent(tokenConfig, me, signal, { GUARDRELAY_API_TOKEN: TOKEN });
  const byFile = await askAgent(fileConfig, me, signal, {});
  const byPassword = await askAgent(basicConfig, me, signal, { GUARDRELAY_API_TOKEN: `jane:${PASSWORD}` });

  for (const [name, answer] of Object.entries({ cli: byEnvironment, jane: byPassword })) {
    t.match(await answer.json(), { data: { name } });
  }
  t.equal(byFile.status, 200);
});

t.test('an agent that lets nobody in is told with what to do, and no secret', async (t) => {
  const http = await startHttp({
    ...{ ...LISTEN, readSecret: async () => HASHES['env:TOKEN'], view: agentView() },
    auth: { type: 'token', users: [{ name: 'cli', role: 'viewer', hash: 'env:TOKEN' }] },
  });
  t.teardown(() => http.close());
  const config = configOf(http.url, 'auth: { type: token, users: [{ name: cli, tokenHash: env:HASH }] }');
  const wrong = drawToken();

  const missing = askAgent(config, '/api/v1/me', signal, {});
  await t.rejects(missing, { code: 'AGT-010', exitCode: 5, fix: /GUARDRELAY_API_TOKEN/ });
  const error = await askAgent(config, '/api/v1/me', signal, { GUARDRELAY_API_TOKEN: wrong }).catch(String);
  t.match(error, /answered 401/);
  t.notMatch(error, wrong);
  const tooLittle = askAgent(config, '/api/v1/config', signal, { GUARDRELAY_API_TOKEN: TOKEN });
  await t.rejects(tooLittle, { code: 'AGT-010', message: /answered 403: this needs the role admin/ });
});
