import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { ProblemError } from '../api/problem.ts';
import { html, type Markup } from '../pages/html.ts';
import { COOKIE } from './credentials.ts';
import type { LoginGate } from './gate.ts';
import { SESSION_HOURS } from './sessions.ts';

const token = z.object({ secret: z.string().max(1_024) });
/** A password alone would be tried as that of everybody. */
const password = token.extend({ name: z.string().max(256) });
const MAX_AGE_SECONDS = SESSION_HOURS * 3_600;

/**
 * A form and a cookie: nothing of it needs a script, the secret is kept nowhere in the browser, and unlike with the
 * browser's own dialog one can log out.
 */
export function addLogin(app: FastifyInstance, gate: LoginGate, style: string): void {
  // In a scope of its own: the API takes no forms, which other pages may send without asking.
  void app.register(async (scope) => addForm(scope, gate, style));
}

function addForm(app: FastifyInstance, gate: LoginGate, style: string): void {
  const show = (remark?: string): Markup => loginPage({ asks: gate.asks, style, remark });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
  );
  app.get('/login', async (_request, reply) => await page(reply, 200, show()));
  const form = gate.asks === 'basic' ? password : token;
  app.post('/login', async (request, reply) => {
    const given = form.safeParse(request.body);
    if (!given.success) return await page(reply, 400, show('Fill in the form.'));
    try {
      const id = await gate.logIn(request, given.data);
      return await reply.header('set-cookie', cookie(request, id, MAX_AGE_SECONDS)).redirect('/', 303);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { detail, fix = '' } = error.facts;
      return await page(reply, error.status, show(`${detail}. ${fix}`));
    }
  });
  app.post('/logout', async (request, reply) => {
    await gate.callerOf(request);
    await gate.logOut(request);
    return await reply
      .header('set-cookie', cookie(request, '', 0))
      .code(204)
      .send();
  });
}

/** Lax: a link in a notice opens the page without another login, and no other page can post with it. */
function cookie(request: FastifyRequest, id: string, maxAgeSeconds: number): string {
  // Browsers send the origin of a form. Whether a proxy in front speaks TLS is known from there.
  const secure = request.headers.origin?.startsWith('https:') ? '; Secure' : '';
  return `${COOKIE}=${id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${secure}`;
}

async function page(reply: FastifyReply, status: number, { text }: Markup): Promise<FastifyReply> {
  return await reply.code(status).type('text/html; charset=utf-8').send(text);
}

interface LoginPage {
  readonly asks: LoginGate['asks'];
  /** Path of the style sheet. */
  readonly style: string;
  readonly remark?: string | undefined;
}

function loginPage({ asks, style, remark }: LoginPage): Markup {
  const name = html`<p><label>Name <input name="name" autocomplete="username" required autofocus></label></p>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · guardrelay</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${style}">
</head>
<body>
<main>
<h1>guardrelay</h1>
${remark === undefined ? '' : html`<p role="alert">${remark}</p>`}
<form action="/login" method="post">
${asks === 'basic' ? name : ''}
<p><label>${asks === 'basic' ? 'Password' : 'Token'}
<input name="secret" type="password" autocomplete="current-password" required></label></p>
<p><button class="primary">Log in</button></p>
</form>
</main>
</body>
</html>
`;
}
