import { randomUUID } from 'node:crypto';

import { ProblemError } from '../../console/api/problem.ts';
import type { Job, JobDesk, JobPlace, JobStep, ReplayWish, TestWish } from '../../console/job-desk.ts';
import type { Clock } from '../../model/clock.ts';
import { GuardrelayError } from '../../model/error.ts';
import type { Logger } from '../../model/logger.ts';

/** Does one job, and says how it goes; answers with what came of it in a sentence. */
export type JobWork<Wish> = (
  wish: Wish,
  tell: (step: Omit<JobStep, 'at'>) => void,
  signal: AbortSignal,
) => Promise<JobEnd>;

interface JobEnd {
  readonly isGood: boolean;
  readonly result: string;
}

interface DeskParts {
  readonly test: JobWork<TestWish>;
  readonly replay: JobWork<ReplayWish>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Jobs share memory, connections and AWS quota with the relay. */
const MAX_RUNNING = 2;
const MAX_KEPT = 50;
const MAX_STEPS = 200;

export interface RunningDesk extends JobDesk {
  /** Stops what is under way, and waits for its end. */
  close(): Promise<void>;
}

export function createJobDesk({ test, replay, clock, logger }: DeskParts): RunningDesk {
  const jobs: Job[] = [];
  const works = new Map<string, Promise<void>>();
  const stop = new AbortController();

  function change(id: string, by: (job: Job) => Partial<Job>): void {
    const at = jobs.findIndex((job) => job.id === id);
    const job = jobs[at];
    if (job) jobs[at] = { ...job, ...by(job) };
  }

  function begin<Wish>(
    facts: Pick<Job, 'kind' | 'by'>,
    place: JobPlace,
    work: JobWork<Wish>,
    wish: Wish,
  ): Job {
    if (works.size >= MAX_RUNNING) {
      const fix = 'Wait for the jobs that are under way: GET /api/v1/jobs.';
      throw new ProblemError(429, { detail: `${MAX_RUNNING} jobs are under way already`, fix });
    }
    const { customer, account, region } = place;
    const job: Job = {
      ...{ ...facts, id: randomUUID(), customer, subject: `${customer} ${account} ${region}` },
      ...{ startedAt: clock.now(), state: 'running', steps: [] },
    };
    jobs.unshift(job);
    jobs.splice(MAX_KEPT);
    works.set(job.id, done(job.id, work, wish));
    return job;
  }

  async function done<Wish>(id: string, work: JobWork<Wish>, wish: Wish): Promise<void> {
    const tell = (step: Omit<JobStep, 'at'>): void =>
      change(id, ({ steps }) => ({ steps: [...steps, { at: clock.now(), ...step }].slice(-MAX_STEPS) }));
    try {
      const { isGood, result } = await work(wish, tell, stop.signal);
      change(id, () => ({ state: isGood ? 'done' : 'failed', result, endedAt: clock.now() }));
    } catch (error) {
      change(id, () => ({ state: 'failed', result: told(error, logger), endedAt: clock.now() }));
    } finally {
      works.delete(id);
    }
  }

  return {
    list: () => jobs,
    test: (wish, by) => begin({ kind: 'test', by }, wish.place, test, wish),
    replay: (wish, by) => begin({ kind: 'replay', by }, wish.place, replay, wish),
    async close() {
      stop.abort();
      await Promise.all(works.values());
    },
  };
}

function told(error: unknown, logger: Logger): string {
  if (error instanceof GuardrelayError) return `${error.code} ${error.message} ${error.fix}`;
  logger.error('a job met a fault', {
    code: 'INT-001',
    error: error instanceof Error ? error.stack : String(error),
  });
  return 'INT-001 the log of the agent says more';
}
