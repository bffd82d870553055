import { z } from 'zod';

import { accountsRoute } from './accounts.ts';
import { auditRoute } from './audit.ts';
import { changesRoute } from './changes.ts';
import { configRoute } from './config.ts';
import { deploymentsRoute } from './deployments.ts';
import { destinationsRoute } from './destinations.ts';
import { eventsRoute } from './events.ts';
import { jobRoute, jobsRoute, replayRoute, testRoute } from './jobs.ts';
import { meRoute } from './me.ts';
import { muteRoute, mutesRoute, unmuteRoute } from './mutes.ts';
import { acknowledgeRoute, noticesRoute } from './notices.ts';
import { openApiDocument } from './openapi.ts';
import { type ApiRoute, NOTHING, route } from './route.ts';
import { searchRoute } from './search.ts';
import { seriesRoute } from './series.ts';
import { sourceRoute } from './source.ts';
import { sourcesRoute } from './sources.ts';
import { statusRoute } from './status.ts';
import { tapRoute } from './tap.ts';

export const API_BASE = '/api/v1';

const documentRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/openapi.json',
  tag: 'agent',
  summary: 'This document.',
  role: 'viewer',
  answer: z.looseObject({ openapi: z.string() }),
  handle: ({ view }) => openApiDocument(API_ROUTES, { version: view.version, base: API_BASE }),
});

/** Every route of the API; the server and the OpenAPI document are made from this list. */
export const API_ROUTES: readonly ApiRoute[] = [
  statusRoute,
  sourcesRoute,
  sourceRoute,
  destinationsRoute,
  seriesRoute,
  searchRoute,
  changesRoute,
  eventsRoute,
  tapRoute,
  accountsRoute,
  deploymentsRoute,
  testRoute,
  replayRoute,
  jobsRoute,
  jobRoute,
  mutesRoute,
  muteRoute,
  unmuteRoute,
  noticesRoute,
  acknowledgeRoute,
  meRoute,
  configRoute,
  auditRoute,
  documentRoute,
];
