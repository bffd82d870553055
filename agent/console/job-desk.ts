import type { Source } from '../model/source.ts';

/** Something that a person has asked for and that takes a while. Times in epoch ms. */
export interface Job {
  readonly id: string;
  readonly kind: 'test' | 'replay';
  readonly customer: string;
  /** What it works on, for people. */
  readonly subject: string;
  readonly by: string;
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
  readonly state: 'running' | 'done' | 'failed';
  readonly steps: readonly JobStep[];
  /** What came of it, in a sentence. */
  readonly result?: string | undefined;
}

export interface JobStep {
  readonly at: number;
  readonly kind: string;
  readonly text: string;
}

/** Where it is done. */
export type JobPlace = Pick<Source, 'customer' | 'account' | 'region' | 'logGroup'>;

export interface TestWish {
  readonly place: JobPlace;
  /** events: proves all but GuardDuty; guardduty: a sample finding, which proves everything. */
  readonly via: 'events' | 'guardduty';
}

export interface ReplayWish {
  readonly place: JobPlace;
  /** Epoch ms, event times. */
  readonly from: number;
  readonly to: number;
  /** Absent: all that the source goes to. */
  readonly destination?: string | undefined;
  /** Read and count, send nothing. */
  readonly dryRun: boolean;
}

/** Does what people ask for, a few things at once; each answers with the job that has begun. */
export interface JobDesk {
  /** The newest first. */
  list(): readonly Job[];
  /** Throws a ProblemError where too much is under way. */
  test(wish: TestWish, by: string): Job;
  replay(wish: ReplayWish, by: string): Job;
}
