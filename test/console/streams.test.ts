import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import t, { type Test } from 'tap';

import { API_BASE } from '../../agent/console/api/routes.ts';
import type { AuthOptions } from '../../agent/console/auth/access.ts';
import { drawToken, hashToken } from '../../agent/console/auth/secret-hash.ts';
import { createLiveFeed, type LiveEvent, type LiveFeed } from '../../agent/console/live-feed.ts';
import { type HttpListener, type ListenOptions, startHttp } from '../../agent/console/server.ts';
import { agentView, LISTEN } from '../support/agent-view.ts';
import { NOW } from '../support/health-facts.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const SECRET = drawToken();
const TOKEN: AuthOptions = { type: 'token', users: [{ name: 'soc', role: 'viewer', hash: 'env:SOC' }] };
const HEADERS = { authorization: `Bearer ${SECRET}` };

const PLACE = { customer: 'acme', account: '111111111111', region: 'eu-west-1', logGroup: 'events' };
const EVENT: LiveEvent = { type: 'state', at: NOW, ...PLACE, state: 'silent', reason: 'x'.repeat(10_000) };

interface Opened {
  readonly http: HttpListener;
  readonly live: LiveFeed;
}

async function open(t: Test, parts: Partial<ListenOptions> = {}): Promise<Opened> {
  const live = createLiveFeed();
  const http = await startHttp({ ...LISTEN, view: agentView({ live }), ...parts });
  t.teardown(() => http.close());
  return { http, live };
}

/** A client that reads no more than it is told to. */
function connect(t: Test, { url }: HttpListener, header = ''): Socket {
  const socket = createConnection(Number(new URL(url).port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write(`GET ${API_BASE}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n${header}\r\n`);
  return socket;
}

t.test('a client that reads nothing is left alone at the end, whatever happens meanwhile', async (t) => {
  const { http, live } = await open(t);
  const socket = connect(t, http);
  await once(socket, 'data');
  socket.pause();
  for (let number = 0; number < 1_000; number += 1) live.tell(EVENT);

  const closing = http.close();
  live.tell(EVENT);
  await closing;

  t.notOk(live.isHeard);
});

t.test('a client that goes while it is asked who it is leaves nothing behind', async (t) => {
  const asked = Promise.withResolvers<void>();
  const hash = Promise.withResolvers<string>();
  const { http, live } = await open(t, {
    auth: TOKEN,
    readSecret: async () => {
      asked.resolve();
      return await hash.promise;
    },
  });
  const socket = connect(t, http, `Authorization: ${HEADERS.authorization}\r\n`);
  await asked.promise;

  socket.destroy();
  // Answered after the server has seen the end of the other connection.
  await fetch(`${http.url}/livez`);
  hash.resolve(hashToken(SECRET));
  const { status } = await fetch(`${http.url}${API_BASE}/me`, { headers: HEADERS });

  t.equal(status, 200);
  t.notOk(live.isHeard);
});

t.test('who may no longer come in hears no more', async (t) => {
  const clock = createVirtualClock();
  let hash = hashToken(SECRET);
  const { http, live } = await open(t, { auth: TOKEN, clock, readSecret: async () => hash });
  const answer = await fetch(`${http.url}${API_BASE}/events`, { headers: HEADERS });
  const ended = answer.text();

  await clock.advance(60_000);
  const isHeard = live.isHeard;
  hash = hashToken(drawToken());
  await clock.advance(60_000);

  t.ok(isHeard, 'while the token is right');
  t.notOk(live.isHeard, 'soon after it was taken away');
  t.notMatch(await ended, 'data:');
});

t.test('nobody listens for longer than an hour without asking again', async (t) => {
  const clock = createVirtualClock();
  const { http, live } = await open(t, { clock });
  await fetch(`${http.url}${API_BASE}/events`);

  await clock.advance(3_590_000);
  const isHeard = live.isHeard;
  await clock.advance(10_000);

  t.ok(isHeard);
  t.notOk(live.isHeard);
});
