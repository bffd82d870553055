import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import type { Door } from '../auth/door.ts';
import { overviewPage } from './overview-page.ts';
import { STYLE } from './style.ts';

interface PageParts {
  readonly door: Door;
  /** Epoch ms. */
  readonly now: () => number;
}

const query = z.looseObject({ q: z.string().default('') });

/** What a browser shows without a script. */
export function addPages(app: FastifyInstance, { door, now }: PageParts): void {
  app.get('/', async (request, reply) => {
    const { view } = await door.enter(request, 'viewer');
    const page = await overviewPage({ view, now: now(), pattern: query.parse(request.query).q });
    return await reply.type('text/html; charset=utf-8').send(page);
  });
  app.get('/style.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE));
}
