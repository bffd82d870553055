import { request as httpRequest } from 'node:http';
import t, { type Test } from 'tap';
import { z } from 'zod';

import { API_BASE, API_ROUTES } from '../../agent/console/api/routes.ts';
import type { SeriesAnswer } from '../../agent/console/api/series.ts';
import { sourceId } from '../../agent/console/api/source-json.ts';
import type { AuditEntry } from '../../agent/console/audit-log.ts';
import { type AuthOptions, requireLoopback } from '../../agent/console/auth/access.ts';
import { createLogins } from '../../agent/console/auth/logins.ts';
import {
  drawToken,
  hashPassword,
  hashToken,
  matches,
  parseHash,
} from '../../agent/console/auth/secret-hash.ts';
import type { UserOptions } from '../../agent/console/auth/users.ts';
import { type ListenOptions, startHttp } from '../../agent/console/server.ts';
import type { ObservedSource } from '../../agent/health/overview.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { agentView, BROKEN, LISTEN, SOUND } from '../support/agent-view.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const ADMIN = drawToken();
const VIEWER = drawToken();
const ACME = drawToken();
const PASSWORD = 'correct horse battery staple';

const HASHES: Record<string, string> = {
  'env:ADMIN': hashToken(ADMIN),
  'env:VIEWER': hashToken(VIEWER),
  'env:ACME': hashToken(ACME),
  'env:JANE': await hashPassword(PASSWORD, { log: 10, r: 8, p: 1 }),
  'env:JOHN': await hashPassword(PASSWORD, { log: 10, r: 8, p: 1 }),
};

const TOKEN: AuthOptions = {
  type: 'token',
  users: [
    { name: 'root', role: 'admin', hash: 'env:ADMIN' },
    { name: 'soc', role: 'viewer', hash: 'env:VIEWER' },
    { name: 'acme-soc', role: 'operator', customers: ['acme'], hash: 'env:ACME' },
  ],
};
const BASIC = {
  type: 'basic',
  users: [{ name: 'jane', role: 'operator', hash: 'env:JANE' }],
} as const satisfies AuthOptions;

async function readHash(reference: string): Promise<string> {
  const hash = HASHES[reference];
  if (hash === undefined) throw new Error(`nothing stands behind ${reference}`);
  return hash;
}

interface Opened {
  readonly url: string;
  readonly audited: readonly Omit<AuditEntry, 'at'>[];
}

async function open(t: Test, auth: AuthOptions, parts: Partial<ListenOptions> = {}): Promise<Opened> {
  const audited: Omit<AuditEntry, 'at'>[] = [];
  const audit = { add: (entry: Omit<AuditEntry, 'at'>) => void audited.push(entry), last: async () => [] };
  const http = await startHttp({
    ...LISTEN,
    auth,
    readSecret: readHash,
    view: agentView({ audit }),
    ...parts,
  });
  t.teardown(() => http.close());
  return { url: http.url, audited };
}

interface Question {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** With any header, which `fetch` does not send. */
function ask(url: string, { path = `${API_BASE}/me`, method = 'GET', headers = {}, body }: Question) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const asked = httpRequest(`${url}${path}`, { method, headers }, (answer) => {
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

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});

t.test('hashes', async (t) => {
  const slow = parseHash(await hashPassword('pässword'));
  const quick = parseHash(hashToken('gr_token'));
  if (!slow || !quick) throw new Error('our own hashes are hashes');

  t.ok(await matches('pässword', slow));
  t.ok(await matches('pässword'.normalize('NFD'), slow), 'however the keyboard writes it');
  t.notOk(await matches('password', slow));
  t.ok(await matches('gr_token', quick));
  t.notOk(await matches('gr_token2', quick));
  for (const text of ['', 'secret', 'sha256:abc', 'scrypt:15:8:1:short:short', '$2b$10$abc']) {
    t.equal(parseHash(text), undefined, `${text} is none`);
  }
});

t.test('without credentials nothing but probes, assets and the login page answers', async (t) => {
  const { url } = await open(t, TOKEN);

  for (const { method, path } of API_ROUTES) {
    const answer = await ask(url, { method, path: API_BASE + path.replace('{id}', '0'.repeat(16)) });
    t.equal(answer.status, 401, `${method} ${path}`);
  }
  for (const path of ['/', '/metrics', '/healthz?verbose', '/healthz?customer=acme']) {
    t.equal((await ask(url, { path })).status, 401, path);
  }
  for (const path of ['/livez', '/readyz', '/startupz', '/login']) {
    t.equal((await ask(url, { path })).status, 200, path);
  }
  const { status, text } = await ask(url, { path: '/healthz' });
  t.equal(status, 503);
  t.same(JSON.parse(text), { healthy: false }, 'a probe is told that, not who');
});

t.test('a browser is shown where to log in', async (t) => {
  const { url } = await open(t, TOKEN);

  const answer = await ask(url, { path: '/', headers: { accept: 'text/html' } });

  t.equal(answer.status, 303);
  t.equal(answer.headers.location, '/login');
});

t.test('who may do what', async (t) => {
  const { url } = await open(t, TOKEN);
  const cases: readonly [string, string, number][] = [
    [ADMIN, '/config', 200],
    [ADMIN, '/search?raw=true', 200],
    [VIEWER, '/status', 200],
    [VIEWER, '/config', 403],
    [VIEWER, '/audit', 403],
    [VIEWER, '/search', 200],
    [VIEWER, '/search?raw=true', 403],
    [ACME, '/search?raw=true', 200],
    [ACME, '/config', 403],
    ['gr_wrong', '/status', 401],
  ];

  for (const [token, path, expected] of cases) {
    const { status } = await ask(url, { path: API_BASE + path, headers: bearer(token) });
    t.equal(
      status,
      expected,
      `${path} as ${token === ADMIN ? 'admin' : token === VIEWER ? 'viewer' : token}`,
    );
  }
});

t.test('who may act, on what, and what is kept of it', async (t) => {
  const { url, audited } = await open(t, TOKEN);
  const act = (token: string, source: ObservedSource) =>
    ask(url, {
      ...{ path: `${API_BASE}/test`, method: 'POST' },
      headers: { ...bearer(token), 'content-type': 'application/json' },
      body: JSON.stringify({ source: sourceId(source) }),
    });

  t.equal((await act(VIEWER, BROKEN)).status, 403);
  t.equal((await act(ACME, BROKEN)).status, 200);
  t.equal((await act(ACME, SOUND)).status, 404, 'a source of another customer is none');
  t.equal((await act(ADMIN, SOUND)).status, 200);
  const jobs = await ask(url, { path: `${API_BASE}/jobs`, headers: bearer(ACME) });
  t.match(JSON.parse(jobs.text), { data: [{ customer: 'acme', by: 'acme-soc' }] });
  t.notMatch(jobs.text, 'globex');
  t.match(audited, [
    { user: 'soc', action: 'refused', subject: 'POST /api/v1/test', outcome: 'refused' },
    {
      user: 'acme-soc',
      role: 'operator',
      from: '127.0.0.1',
      action: 'test',
      customer: 'acme',
      outcome: 'done',
    },
    { user: 'root', action: 'test', customer: 'globex' },
  ]);
});

t.test('who may see one customer learns nothing of another', async (t) => {
  const { url } = await open(t, TOKEN);
  const readable = API_ROUTES.filter(
    ({ method, role, media }) => method === 'GET' && role !== 'admin' && !media,
  );

  for (const { path } of readable.filter((each) => !each.path.includes('{'))) {
    const theirs = await ask(url, { path: API_BASE + path, headers: bearer(ACME) });
    const all = await ask(url, { path: API_BASE + path, headers: bearer(ADMIN) });
    t.equal(theirs.status, 200, path);
    t.notMatch(theirs.text, /globex|222222222222/, path);
    if (['/status', '/sources', '/search', '/changes', '/accounts', '/deployments'].includes(path)) {
      t.match(all.text, /globex/, `${path}, which others see`);
    }
  }
  const overview = await ask(url, { path: '/', headers: bearer(ACME) });
  t.match(overview.text, 'acme');
  t.notMatch(overview.text, 'globex');
  t.equal((await ask(url, { path: '/metrics', headers: bearer(ACME) })).status, 403);
  const named = await ask(url, { path: `${API_BASE}/search?customer=globex`, headers: bearer(ACME) });
  t.match(JSON.parse(named.text), { data: [] }, 'not even by name');
  t.equal((await ask(url, { path: '/healthz?customer=globex', headers: bearer(ACME) })).status, 404);
  t.equal((await ask(url, { path: '/healthz?customer=globex', headers: bearer(ADMIN) })).status, 200);
});

t.test('the numbers of a series are of their customers alone', async (t) => {
  const { url } = await open(t, TOKEN);
  const answerTo = async (token: string): Promise<SeriesAnswer['data']> => {
    const { text } = await ask(url, { path: `${API_BASE}/series`, headers: bearer(token) });
    const answer: SeriesAnswer = JSON.parse(text);
    return answer.data;
  };
  const findings = ({ records }: SeriesAnswer['data']): number =>
    records[0]?.counts.reduce<number>((sum, count) => sum + (count ?? 0), 0) ?? 0;

  const theirs = await answerTo(ACME);
  const all = await answerTo(VIEWER);

  t.ok(findings(theirs) > 0);
  t.equal(findings(all), 2 * findings(theirs), 'both have the same traffic');
  t.match(theirs.destinations, [{ id: 'siem', ack: undefined }], 'globex acknowledges there, too');
  t.ok(all.destinations[0]?.ack?.some(Boolean));
});

t.test('a notice that concerns others too is not theirs to see or to acknowledge', async (t) => {
  const { url, audited } = await open(t, TOKEN);
  const acknowledge = (token: string, key: string) =>
    ask(url, {
      ...{ path: `${API_BASE}/notices/acknowledge`, method: 'POST' },
      headers: { ...bearer(token), 'content-type': 'application/json' },
      body: JSON.stringify({ key }),
    });

  t.equal((await acknowledge(VIEWER, 'acme')).status, 403);
  t.equal((await acknowledge(ACME, 'acme+globex')).status, 404);
  const own = await acknowledge(ACME, 'acme');
  t.match(JSON.parse(own.text), {
    summary: { open: 1, channels: [] },
    data: [{ key: 'acme', isAcknowledged: true }],
  });
  t.match(audited, [{ action: 'refused' }, { action: 'acknowledge', customer: 'acme', user: 'acme-soc' }]);
});

t.test('a password, right and wrong', async (t) => {
  const { url, audited } = await open(t, BASIC);

  t.equal((await ask(url, { headers: basic('jane', PASSWORD) })).status, 200);
  t.equal((await ask(url, { headers: basic('jane', 'wrong') })).status, 401);
  t.equal((await ask(url, { headers: basic('nobody', PASSWORD) })).status, 401);
  t.equal((await ask(url, { headers: bearer(PASSWORD) })).status, 401);
  t.match(audited, [
    { user: 'jane', action: 'login-failed', outcome: 'refused' },
    { user: 'nobody', action: 'login-failed' },
  ]);
});

t.test('a hash of the wrong kind lets nobody in, and the log says so', async (t) => {
  const logged: unknown[] = [];
  const logger = { ...silentLogger, error: (_: string, fields?: object) => void logged.push(fields) };
  const jane = (hash: string) => ({ users: [{ name: 'jane', role: 'admin' as const, hash }] });

  const quick = await open(t, { type: 'basic', ...jane('env:ADMIN') }, { logger });
  const slow = await open(t, { type: 'token', ...jane('env:JANE') }, { logger });
  const missing = await open(t, { type: 'token', ...jane('env:NOBODY') }, { logger });

  t.equal((await ask(quick.url, { headers: basic('jane', ADMIN) })).status, 401);
  t.equal((await ask(slow.url, { headers: bearer(ADMIN) })).status, 401);
  t.equal((await ask(missing.url, { headers: bearer(ADMIN) })).status, 401);
  t.match(logged, [
    { code: 'CFG-005', user: 'jane' },
    { code: 'CFG-005', user: 'jane' },
    { code: 'CFG-005', user: 'jane' },
  ]);
  t.notMatch(JSON.stringify(logged), ADMIN);
});

t.test('guessing is slowed down, and a minute later goes on', async (t) => {
  const clock = createVirtualClock();
  const { url } = await open(t, TOKEN, { clock });

  for (let guess = 0; guess < 10; guess += 1) await ask(url, { headers: bearer(`gr_${guess}`) });
  const limited = await ask(url, { headers: bearer(ADMIN) });
  await clock.advance(60_000);
  const later = await ask(url, { headers: bearer(ADMIN) });

  t.equal(limited.status, 429);
  t.equal(limited.headers['retry-after'], '60');
  t.equal(later.status, 200);
});

t.test('behind a trusted proxy only the client who guesses is slowed down', async (t) => {
  const { url, audited } = await open(t, BASIC, { trustedProxies: ['127.0.0.1', '10.0.0.0/8'] });
  const from = (forwarded: string) => ({ 'x-forwarded-for': forwarded });
  const statusOf = async (headers: Readonly<Record<string, string>>) => (await ask(url, { headers })).status;

  for (let guess = 0; guess < 10; guess += 1) {
    await statusOf({ ...basic('jane', `${guess}`), ...from(`192.0.2.${guess}, 198.51.100.1, 10.1.2.3`) });
  }
  const jane = basic('jane', PASSWORD);

  t.equal(await statusOf({ ...jane, ...from('198.51.100.1') }), 429, 'whatever else it claims to be');
  t.equal(await statusOf({ ...jane, ...from('198.51.100.2') }), 200);
  t.equal(await statusOf(jane), 200, 'the proxy itself');
  t.same(new Set(audited.map(({ from }) => from)), new Set(['198.51.100.1']));
});

t.test('where every address is a trusted proxy, the first one of the header is the client', async (t) => {
  const { url, audited } = await open(t, TOKEN, { trustedProxies: ['0.0.0.0/0', '::/0'] });

  await ask(url, {
    headers: { ...bearer('gr_no'), 'x-forwarded-for': '2001:db8::7, 198.51.100.1, 10.1.2.3' },
  });

  t.match(audited, [{ from: '2001:db8::7' }]);
});

t.test(
  'who is no trusted proxy speaks for nobody else, and a port beside the address is no other client',
  async (t) => {
    const untrusted = await open(t, TOKEN, { trustedProxies: ['10.0.0.0/8'] });
    const withPorts = await open(t, TOKEN, { trustedProxies: ['127.0.0.1'] });

    for (const [{ url, audited }, forwarded] of [
      [untrusted, (guess: number) => `192.0.2.${guess}`],
      [withPorts, (guess: number) => `192.0.2.1:${40_000 + guess}`],
    ] as const) {
      const guess = async (number: number) =>
        await ask(url, { headers: { ...bearer(`gr_${number}`), 'x-forwarded-for': forwarded(number) } });
      for (let number = 0; number < 10; number += 1) await guess(number);

      t.equal((await guess(10)).status, 429);
      t.same(new Set(audited.map(({ from }) => from)), new Set(['127.0.0.1']));
    }
  },
);

t.test('a hash that is taken away lets nobody in half a minute later', async (t) => {
  const clock = createVirtualClock();
  let hash = hashToken(ADMIN);
  const { url } = await open(t, TOKEN, {
    clock,
    readSecret: async (reference) => (reference === 'env:ADMIN' ? hash : await readHash(reference)),
  });

  const before = await ask(url, { headers: bearer(ADMIN) });
  hash = hashToken(drawToken());
  await clock.advance(30_000);
  const after = await ask(url, { headers: bearer(ADMIN) });

  t.equal(before.status, 200);
  t.equal(after.status, 401, 'though it was proven before');
});

const form = { 'content-type': 'application/x-www-form-urlencoded' };

t.test('a session: form, cookie, token against forged changes, end', async (t) => {
  const { url, audited } = await open(t, BASIC);
  const body = new URLSearchParams({ name: 'jane', secret: PASSWORD }).toString();

  const wrong = await ask(url, {
    path: '/login',
    method: 'POST',
    headers: form,
    body: 'name=jane&secret=no',
  });
  const opened = await ask(url, { path: '/login', method: 'POST', headers: form, body });
  const cookie = String(opened.headers['set-cookie']).split(';')[0] ?? '';
  const me = await ask(url, { headers: { cookie } });
  const { data } = z.object({ data: z.object({ csrfToken: z.string() }) }).parse(JSON.parse(me.text));
  const forged = await ask(url, { path: '/logout', method: 'POST', headers: { cookie } });
  const ended = await ask(url, {
    ...{ path: '/logout', method: 'POST' },
    headers: { cookie, 'x-csrf-token': data.csrfToken },
  });
  const after = await ask(url, { headers: { cookie } });

  t.equal(wrong.status, 401);
  t.match(wrong.text, 'these credentials are not right');
  t.equal(opened.status, 303);
  t.match(String(opened.headers['set-cookie']), /HttpOnly; SameSite=Lax; Max-Age=43200$/);
  t.match(JSON.parse(me.text), { data: { name: 'jane', role: 'operator' } });
  t.equal(forged.status, 403);
  t.equal(ended.status, 204);
  t.equal(after.status, 401);
  t.same(
    audited.map(({ action }) => action),
    ['login-failed', 'login', 'logout'],
  );
});

t.test('a session outlives a listener, but not its user, and does what the user may do now', async (t) => {
  const logins = createLogins(systemClock);
  const again = async (users: readonly UserOptions[]): Promise<string> =>
    (await open(t, { type: 'basic', users }, { logins })).url;
  const [jane] = BASIC.users;
  const body = new URLSearchParams({ name: 'jane', secret: PASSWORD }).toString();
  const first = await again([jane]);
  const opened = await ask(first, { path: '/login', method: 'POST', headers: form, body });
  const headers = { cookie: String(opened.headers['set-cookie']).split(';')[0] ?? '' };

  const narrowed = await ask(await again([{ ...jane, role: 'viewer' }]), { headers });
  const gone = await ask(await again([{ ...jane, name: 'john' }]), { headers });
  const rotated = await ask(await again([{ ...jane, hash: 'env:JOHN' }]), { headers });

  t.match(JSON.parse(narrowed.text), { data: { name: 'jane', role: 'viewer' } });
  t.equal(gone.status, 401);
  t.equal(rotated.status, 401);
});

t.test('behind TLS the cookie stays with TLS', async (t) => {
  const { url } = await open(t, BASIC, { names: ['console.example.com'] });
  const body = new URLSearchParams({ name: 'jane', secret: PASSWORD }).toString();
  const headers = { ...form, origin: 'https://console.example.com' };

  const opened = await ask(url, { path: '/login', method: 'POST', headers, body });

  t.match(String(opened.headers['set-cookie']), /; Secure$/);
});

t.test('foreign names and foreign pages', async (t) => {
  const { url } = await open(t, { type: 'none' }, { names: ['console.example.com'] });
  const { host } = new URL(url);
  const change = { path: '/logout', method: 'POST' };
  const cases: readonly [string, Question, number][] = [
    ['its own address', {}, 200],
    ['localhost', { headers: { host: 'localhost:1' } }, 200],
    ['a configured name', { headers: { host: 'console.example.com' } }, 200],
    ['a foreign name', { headers: { host: 'evil.example' } }, 421],
    ['a name that begins like ours', { headers: { host: 'localhost.evil.example' } }, 421],
    ['another address of the host, where nobody logs in', { headers: { host: '10.0.0.1' } }, 421],
    ['a probe under a foreign name', { path: '/livez', headers: { host: 'evil.example' } }, 421],
    ['a change from another page', { ...change, headers: { origin: 'http://evil.example' } }, 403],
    ['a change from another port', { ...change, headers: { origin: 'http://localhost:1' } }, 403],
    ['a change from a file', { ...change, headers: { origin: 'null' } }, 403],
    [
      'a change that a browser calls foreign',
      { ...change, headers: { 'sec-fetch-site': 'cross-site' } },
      403,
    ],
    ['a change from our page, which is not there', { ...change, headers: { origin: `http://${host}` } }, 404],
  ];

  for (const [name, question, expected] of cases) {
    t.equal((await ask(url, question)).status, expected, name);
  }
});

t.test('the header of a proxy, believed from its own address alone', async (t) => {
  const users = [{ name: 'jane', role: 'operator' as const }];
  const near = { type: 'proxy-header' as const, from: ['127.0.0.0/8'], header: 'x-forwarded-user', users };
  const { url } = await open(t, near);
  const { url: elsewhere } = await open(t, { ...near, from: ['10.0.0.0/8', 'fd00::/8'] });
  const named = (name: string) => ({ headers: { 'x-forwarded-user': name } });

  t.equal((await ask(url, named('jane'))).status, 200);
  t.equal((await ask(url, named('jane, root'))).status, 401);
  t.equal((await ask(url, named('root'))).status, 401);
  t.equal((await ask(url, {})).status, 401);
  t.equal((await ask(elsewhere, named('jane'))).status, 401);
});

t.test('a listener that is open to others and asks nobody does not start', async (t) => {
  const view = agentView();

  await t.rejects(startHttp({ ...LISTEN, listen: '0.0.0.0:0', view }), { code: 'CFG-007' });
  t.doesNotThrow(() => requireLoopback('127.0.0.53', { type: 'none' }));
  t.doesNotThrow(() => requireLoopback('10.0.0.1', TOKEN));
  t.throws(() => requireLoopback('::', { type: 'none' }), { code: 'CFG-007' });
});

t.test('what is too large, or no JSON, is refused without a word about the inside', async (t) => {
  const { url } = await open(t, TOKEN);
  const post = { path: '/login', method: 'POST' };

  const large = await ask(url, { ...post, headers: form, body: `secret=${'x'.repeat(70_000)}` });
  const text = await ask(url, { ...post, headers: { 'content-type': 'text/plain' }, body: '{}' });
  const missing = await ask(url, { path: '/no/such/page' });

  t.equal(large.status, 413);
  t.equal(text.status, 415);
  t.equal(missing.status, 404);
  for (const answer of [large, text, missing]) {
    t.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
    t.notMatch(answer.text, /node_modules|\.ts|at /);
  }
});
