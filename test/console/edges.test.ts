import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';

import { API_BASE } from '../../agent/console/api/routes.ts';
import type { AuthOptions } from '../../agent/console/auth/access.ts';
import { createFailedLogins } from '../../agent/console/auth/failed-logins.ts';
import { drawToken, hashPassword, hashToken } from '../../agent/console/auth/secret-hash.ts';
import { type ListenOptions, startHttp } from '../../agent/console/server.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { agentView, LISTEN } from '../support/agent-view.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const PASSWORD = 'correct horse battery staple';
const SECRET = drawToken();
const HASHES: Record<string, string> = {
  'env:JANE': await hashPassword(PASSWORD, { log: 10, r: 8, p: 1 }),
  'env:SOC': hashToken(SECRET),
};
const BASIC: AuthOptions = { type: 'basic', users: [{ name: 'jane', role: 'admin', hash: 'env:JANE' }] };
const TOKEN: AuthOptions = { type: 'token', users: [{ name: 'soc', role: 'operator', hash: 'env:SOC' }] };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function open(t: Test, parts: Partial<ListenOptions> = {}): Promise<string> {
  const readSecret = async (reference: string): Promise<string> => HASHES[reference] ?? '';
  const http = await startHttp({ ...LISTEN, readSecret, view: agentView(), ...parts });
  t.teardown(() => http.close());
  return http.url;
}

interface Question {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** With paths and headers that `fetch` would change. */
function ask(url: string, { path, method = 'GET', headers = {}, body }: Question) {
  const { hostname, port } = new URL(url);
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const asked = httpRequest({ hostname, port, path, method, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      });
      asked.on('error', reject).end(body);
    },
  );
}

t.test('whoever asks for the head of a stream gets none, and keeps no connection', async (t) => {
  const url = await open(t);

  for (const path of ['/events', '/tap?source=acme']) {
    const answer = await ask(url, { path: API_BASE + path, method: 'HEAD' });
    t.equal(answer.status, 404, path);
  }
  t.equal((await ask(url, { path: `${API_BASE}/me`, method: 'HEAD' })).status, 200);
});

t.test('a password without a name is nobody', async (t) => {
  const url = await open(t, { auth: BASIC });
  const post = { path: '/login', method: 'POST', headers: FORM };

  const nameless = await ask(url, { ...post, body: new URLSearchParams({ secret: PASSWORD }).toString() });
  const named = await ask(url, {
    ...post,
    body: new URLSearchParams({ name: 'jane', secret: PASSWORD }).toString(),
  });

  t.equal(nameless.status, 400);
  t.notOk(nameless.headers['set-cookie']);
  t.equal(named.status, 303);
});

t.test('forms, which other pages may send without asking, are for the login alone', async (t) => {
  const url = await open(t, { auth: TOKEN });

  const answer = await ask(url, {
    ...{ path: `${API_BASE}/notices/acknowledge`, method: 'POST', body: 'key=acme' },
    headers: { ...FORM, authorization: `Bearer ${SECRET}` },
  });

  t.equal(answer.status, 415);
});

t.test('what is no path is refused like everything else', async (t) => {
  const url = await open(t);

  for (const path of ['/%zz', `${API_BASE}/jobs/${'a'.repeat(300)}`]) {
    const answer = await ask(url, { path });
    const foreign = await ask(url, { path, headers: { host: 'evil.example' } });
    t.equal(answer.status, 400, path);
    t.match(String(answer.headers['content-type']), 'application/problem+json');
    t.equal(answer.headers['x-content-type-options'], 'nosniff');
    t.equal(answer.headers['cache-control'], 'no-store');
    t.notMatch(answer.text, /FST_|zz|aaa/);
    t.equal(foreign.status, 421, 'under a foreign name');
  }
});

t.test('one who guesses is the same at every address of a network', async (t) => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', true],
    ['2001:db8::1', '2001:db8::2:3', true],
    ['fe80::1:2:3:4%eth0', 'fe80::5:6:7:8%eth0', true],
    ['2001:db8::1', '2001:db8:0:1::1', false],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
    ['10.0.0.1', '10.0.0.2', false],
  ];

  for (const [one, other, isSame] of cases) {
    const failed = createFailedLogins(createVirtualClock());
    for (let guess = 0; guess < 10; guess += 1) failed.note(one);
    t.equal(failed.waitSeconds(other) > 0, isSame, `${one} and ${other}`);
  }
});

t.test('another page may lead here, and load nothing from here', async (t) => {
  const url = await open(t);
  const cases: readonly [string, string, number][] = [
    ['same-origin', 'cors', 200],
    ['none', 'navigate', 200],
    ['cross-site', 'navigate', 200],
    ['cross-site', 'no-cors', 403],
    ['same-site', 'cors', 403],
  ];

  for (const [site, mode, expected] of cases) {
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': mode };
    t.equal((await ask(url, { path: '/', headers })).status, expected, `${site} ${mode}`);
  }
});

t.test('a client that waits no longer is no fault of the agent', async (t) => {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const faults: string[] = [];
  const url = await open(t, {
    logger: { ...silentLogger, error: (message) => void faults.push(message) },
    view: agentView({
      search(_, signal) {
        begun.resolve();
        const found = { records: [], complete: true };
        return sleep(600_000, found, { signal, ref: false }).finally(ended.resolve);
      },
    }),
  });
  const gone = new AbortController();

  const asked = fetch(`${url}${API_BASE}/search`, { signal: gone.signal });
  await begun.promise;
  gone.abort();
  await t.rejects(asked);
  await ended.promise;
  await fetch(`${url}/livez`);

  t.same(faults, []);
});
