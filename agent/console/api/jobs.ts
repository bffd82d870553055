import { z } from 'zod';

import type { Job, JobPlace } from '../job-desk.ts';
import { envelope, head } from './envelope.ts';
import { instant, iso, isoMaybe } from './instant.ts';
import { notFound, ProblemError } from './problem.ts';
import { type Call, NOTHING, route } from './route.ts';
import { findSource } from './source.ts';

const row = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['test', 'replay']),
    customer: z.string(),
    subject: z.string(),
    by: z.string(),
    startedAt: instant,
    endedAt: instant.optional(),
    state: z.enum(['running', 'done', 'failed']),
    steps: z.array(z.strictObject({ at: instant, kind: z.string(), text: z.string() })),
    result: z.string().optional().describe('What came of it, in a sentence'),
  })
  .meta({ id: 'Job' });

const list = envelope('jobs', { summary: z.strictObject({ running: z.int() }), data: z.array(row) });
const one = envelope('job', { summary: z.strictObject({ running: z.int() }), data: row });
export type JobAnswer = z.output<typeof one>;

const sourceId = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .describe('Of /sources');

export const jobsRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/jobs',
  tag: 'actions',
  summary: 'Tests and replays that were asked for through the API, the newest first.',
  role: 'viewer',
  answer: list,
  handle({ view, now }) {
    const jobs = view.jobs.list();
    return { ...head('jobs', now), summary: { running: running(jobs) }, data: jobs.map(toJson) };
  },
});

export const jobRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/jobs/{id}',
  tag: 'actions',
  summary: 'One test or replay, step by step.',
  role: 'viewer',
  params: z.strictObject({ id: z.string() }),
  answer: one,
  handle({ view, now, params }) {
    const job = view.jobs.list().find(({ id }) => id === params.id);
    if (!job) throw notFound(`there is no job ${params.id}`);
    return answerOf(job, now);
  },
});

export const testRoute = route({
  ...NOTHING,
  method: 'POST',
  path: '/test',
  tag: 'actions',
  summary: 'Sends a test record through a source and follows it; the answer is the job to ask for.',
  role: 'operator',
  body: z.strictObject({
    source: sourceId,
    via: z
      .enum(['events', 'guardduty'])
      .default('events')
      .describe('events: proves all but GuardDuty; guardduty: a sample finding, which proves everything'),
  }),
  answer: one,
  handle(call) {
    const { view, caller, body, now } = call;
    const place = placeOf(call, body.source);
    return answerOf(
      audited(call, {
        action: 'test',
        place,
        begin: () => view.jobs.test({ place, via: body.via }, caller.name),
      }),
      now,
    );
  },
});

export const replayRoute = route({
  ...NOTHING,
  method: 'POST',
  path: '/replay',
  tag: 'actions',
  summary: 'Ships a window of a source again, marked; checkpoints stay as they are. The answer is the job.',
  role: 'operator',
  body: z.strictObject({
    source: sourceId,
    from: instant.describe('First event time'),
    to: instant.optional().describe('Last event time; absent: now'),
    destination: z.string().optional().describe('Absent: all that the source goes to'),
    dryRun: z.boolean().default(false).describe('Read and count, send nothing'),
  }),
  answer: one,
  handle(call) {
    const { view, caller, body, now } = call;
    const place = placeOf(call, body.source);
    const { destination, dryRun } = body;
    const [from, to] = [Date.parse(body.from), body.to === undefined ? now : Date.parse(body.to)];
    if (from > to) throw new ProblemError(400, { detail: 'from is later than to' });
    const customer = view.customers.find(({ id }) => id === place.customer);
    if (destination !== undefined && !customer?.destinations.includes(destination)) {
      throw notFound(`nothing of ${place.customer} goes to ${destination}`);
    }
    const wish = { place, from, to, destination, dryRun };
    return answerOf(
      audited(call, { action: 'replay', place, begin: () => view.jobs.replay(wish, caller.name) }),
      now,
    );
  },
});

type Asked = Pick<Call<unknown, unknown, unknown>, 'view' | 'caller' | 'from'>;

function placeOf({ view }: Asked, id: string): JobPlace {
  const { customer, account, region, logGroup } = findSource(view, id);
  return { customer, account, region, logGroup };
}

interface Action {
  readonly action: 'test' | 'replay';
  readonly place: JobPlace;
  begin(): Job;
}

/** What is refused stands in the audit log too. */
function audited({ view, caller, from }: Asked, { action, place, begin }: Action): Job {
  const { customer, account, region } = place;
  const entry = {
    ...{ user: caller.name, role: caller.role, from, action, customer },
    subject: `${account} ${region}`,
  };
  try {
    const job = begin();
    view.audit.add({ ...entry, outcome: 'done', detail: `job ${job.id}` });
    return job;
  } catch (error) {
    view.audit.add({ ...entry, outcome: 'failed', detail: error instanceof Error ? error.message : '' });
    throw error;
  }
}

function answerOf(job: Job, now: number): z.input<typeof one> {
  return { ...head('job', now), summary: { running: running([job]) }, data: toJson(job) };
}

function running(jobs: readonly Job[]): number {
  return jobs.filter(({ state }) => state === 'running').length;
}

function toJson(job: Job): z.input<typeof row> {
  const { id, kind, customer, subject, by, startedAt, endedAt, state, steps, result } = job;
  return {
    ...{ id, kind, customer, subject, by, state, result },
    startedAt: iso(startedAt),
    endedAt: isoMaybe(endedAt),
    steps: steps.map(({ at, kind, text }) => ({ at: iso(at), kind, text })),
  };
}
