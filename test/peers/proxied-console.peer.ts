import { request } from 'node:http';
import { join } from 'node:path';
import t from 'tap';

import type { AuditEntry } from '../../agent/console/audit-log.ts';
import { drawToken, hashToken } from '../../agent/console/auth/secret-hash.ts';
import { startHttp } from '../../agent/console/server.ts';
import { agentView, LISTEN } from '../support/agent-view.ts';
import { startNginx } from './support/nginx.ts';
import { freePort } from './support/ports.ts';

const PROXY = '127.0.0.1';
const [GUESSER, OPERATOR] = ['127.0.0.2', '127.0.0.3'];
const TOKEN = drawToken();

const audited: Omit<AuditEntry, 'at'>[] = [];
const listener = await startHttp({
  ...LISTEN,
  trustedProxies: [PROXY],
  auth: { type: 'token', users: [{ name: 'soc', role: 'viewer', hash: 'env:SOC' }] },
  readSecret: async () => hashToken(TOKEN),
  view: agentView({ audit: { add: (entry) => void audited.push(entry), last: async () => [] } }),
});
t.teardown(() => listener.close());
const port = await freePort();
const nginx = await startNginx({
  directory: join(t.testdir({}), 'nginx'),
  http: `
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_pass ${listener.url};
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      }
    }`,
  ports: [port],
});
t.teardown(nginx.stop);

/** From an address of its own; `claimed`: what it says of itself. */
function ask(token: string, from: string, claimed = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, ...(claimed && { 'x-forwarded-for': claimed }) };
    const place = { host: PROXY, port, path: '/api/v1/me', localAddress: from };
    request({ ...place, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    })
      .on('error', reject)
      .end();
  });
}

t.test('behind nginx the client who guesses is slowed down, whoever it claims to be', async (t) => {
  for (let guess = 0; guess < 10; guess += 1) await ask(`gr_${guess}`, GUESSER, `192.0.2.${guess}`);

  t.equal(await ask(TOKEN, GUESSER, OPERATOR), 429);
  t.equal(await ask(TOKEN, OPERATOR), 200);
  t.same(new Set(audited.map(({ from }) => from)), new Set([GUESSER]));
});
