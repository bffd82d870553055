import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { countIn, NEEDS_ACTION } from '../../health/verdict.ts';
import type { AgentView } from '../agent-view.ts';
import type { Door } from '../auth/door.ts';
import { type Assets, loadAssets } from './assets.ts';
import { type Content, html } from './html.ts';
import { ICON, pageText, THEMES, type Theme } from './layout.ts';
import { overviewBody, statusAnswer } from './overview-body.ts';
import { searchBody } from './search-body.ts';

interface PageParts {
  readonly door: Door;
  /** Epoch ms. */
  readonly now: () => number;
  /** Absent: as they were built. */
  readonly assets?: Assets;
}

const query = z.looseObject({ q: z.string().max(512).catch('') });
const MAX_RECORDS = 50;

/** The name of a file changes with what is in it. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** These are made by the script alone. */
const SCRIPTED = [
  '/sources',
  '/sources/:id',
  '/destinations',
  '/changes',
  '/accounts',
  '/deployments',
  '/live',
  '/settings',
];

interface Shown {
  readonly title: string;
  readonly body: Content;
}

/** What a browser loads: overview and search are complete without a script, and look the same with one. */
export function addPages(app: FastifyInstance, { door, now, assets = loadAssets() }: PageParts): void {
  const add = (path: string, show: (view: AgentView, request: FastifyRequest) => Shown | Promise<Shown>) =>
    app.get(path, async (request, reply) => {
      const { view } = await door.enter(request, 'viewer');
      const { title, body } = await show(view, request);
      const { agentId } = view;
      const frame = { title, path, agentId, assets, now: now(), theme: themeIn(request) };
      return await reply.type('text/html; charset=utf-8').send(pageText(frame, body));
    });
  add('/', (view) => overviewShown(view, now()));
  add('/search', searchShown);
  for (const path of SCRIPTED) add(path, () => ({ title: 'guardrelay', body: needsScript(assets) }));
  addAssets(app, assets);
}

function overviewShown(view: AgentView, now: number): Shown {
  const overview = view.overview();
  const broken = countIn(overview, NEEDS_ACTION);
  return {
    title: broken > 0 ? `✖ ${broken} · guardrelay` : 'guardrelay',
    body: overviewBody(statusAnswer(overview, now)),
  };
}

async function searchShown(view: AgentView, request: FastifyRequest): Promise<Shown> {
  const { q } = query.parse(request.query);
  const found = await view.search({ pattern: q, limit: MAX_RECORDS });
  return { title: 'Search · guardrelay', body: searchBody(found, q) };
}

function addAssets(app: FastifyInstance, { files, script }: Assets): void {
  app.get('/icon.svg', (_request, reply) => reply.type('image/svg+xml').send(ICON));
  for (const [path, { type, body }] of files) {
    app.get(path, (_request, reply) => {
      if (script !== undefined) reply.header('cache-control', FOR_EVER);
      return reply.type(type).send(body);
    });
  }
}

function needsScript({ script }: Assets) {
  const why =
    script === undefined
      ? html`<p class="notice">This page is not built yet: run <code>npm run build:console</code> and start again. The <a href="/">overview</a> is complete.</p>`
      : html`<p class="muted">Loading…</p>`;
  return html`${why}<noscript><p class="notice">This page needs JavaScript. <a href="/">Overview</a> and <a href="/search">search</a> do not.</p></noscript>`;
}

function themeIn({ headers: { cookie = '' } }: FastifyRequest): Theme | undefined {
  const [, set] = /(?:^|; )theme=([a-z]+)/.exec(cookie) ?? [];
  return THEMES.find((theme) => theme === set);
}
