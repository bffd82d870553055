import type { CheckpointStore } from '../../agent/checkpoint/store.ts';
import type { Change } from '../../agent/model/position.ts';
import type { Shipper } from '../../agent/ship/shipper.ts';
import type { Read, WindowPlan } from '../../agent/tail/read.ts';
import type { Reader } from '../../agent/tail/reader.ts';
import type { LateOptions, Sweep } from '../../agent/tail/tiers.ts';
import type { Engine } from './relay-world.ts';

const LONG_SWEEP: Sweep = { windowMinutes: 1_500, everyMinutes: 360 };
const LATE: LateOptions = {
  overlapMinutes: 15,
  sweeps: [{ windowMinutes: 180, everyMinutes: 30 }, LONG_SWEEP],
};
/** No overlap, and a sweep that is never due and as long as those that are built in, so that they are left out. */
const NO_LATE: LateOptions = {
  overlapMinutes: 0,
  sweeps: [{ windowMinutes: 14 * 24 * 60, everyMinutes: 1e9 }],
};

interface TrialEngine extends Engine {
  /** Plays histories in which nothing comes late: else sweeps would mend what is broken. */
  readonly isPrompt?: boolean;
}

const HEALTHY = {
  whole: { late: LATE },
  /** Ids are soon too many, where the source holds much. */
  'that keeps few ids': { late: LATE, maxFinishedIds: 10 },
  /** What the broken ones that play prompt histories are but for their fault. */
  prompt: { late: NO_LATE, isPrompt: true },
} as const satisfies Readonly<Record<string, TrialEngine>>;

const BROKEN: Readonly<Record<string, TrialEngine>> = {
  'that never looks back': { late: NO_LATE },
  'whose position moves on an error': {
    ...HEALTHY.prompt,
    breakReader: (reader) =>
      withRead(reader, (plan, ...rest) => takenAsEmpty(reader.read(plan, ...rest), plan, reader)),
  },
  'whose sweeps begin before now, not before the last one': {
    late: LATE,
    breakReader: (reader) =>
      withRead(reader, (plan, ...rest) => reader.read(sweptFrom(plan, reader.serviceNow() ?? 0), ...rest)),
  },
  'that takes a record for delivered when it is handed out': { late: LATE, breakShipper: settleAtOnce },
  'that forgets what it has finished': {
    late: LATE,
    breakStore: (store) => withChanges(store, (changes) => changes.filter(({ kind }) => kind !== 'finished')),
  },
  'whose floors do not wait for what is in flight': {
    ...HEALTHY.prompt,
    breakStore: (store) => withChanges(store, withLooseFloors),
  },
  'that takes a destination back before it has caught up': {
    ...HEALTHY.prompt,
    breakReader: (reader) =>
      withRead(reader, (plan, ...rest) =>
        plan.what === 'catch-up' ? nothing(plan, reader) : reader.read(plan, ...rest),
      ),
  },
};

export type HealthyEngine = keyof typeof HEALTHY;

/** Names of engines that lose or repeat. */
export const BROKEN_ENGINES: readonly string[] = Object.keys(BROKEN);

export function engineNamed(name: string): TrialEngine {
  const engine = { ...HEALTHY, ...BROKEN }[name];
  if (!engine) throw new Error(`there is no engine ${name}`);
  return engine;
}

function withRead(reader: Reader, read: Reader['read']): Reader {
  return { read, describe: (signal) => reader.describe(signal), serviceNow: () => reader.serviceNow() };
}

async function* nothing({ what, start }: WindowPlan, reader: Reader): AsyncGenerator<Read> {
  const startedAt = reader.serviceNow() ?? start;
  yield { kind: 'complete', what, startedAt, highWater: startedAt, pages: 0, bytes: 0 };
}

/** Takes a read that failed for one that found nothing. */
async function* takenAsEmpty(
  reads: AsyncIterable<Read>,
  plan: WindowPlan,
  reader: Reader,
): AsyncGenerator<Read> {
  for await (const read of reads) {
    if (read.kind === 'failed') yield* nothing(plan, reader);
    else yield read;
  }
}

function sweptFrom(plan: WindowPlan, now: number): WindowPlan {
  const { windowMinutes } = LONG_SWEEP;
  if (!plan.due.includes(windowMinutes)) return plan;
  return { ...plan, start: Math.max(plan.start, now - windowMinutes * 60_000) };
}

function settleAtOnce(shipper: Shipper): Shipper {
  return {
    ...shipper,
    submit(submission) {
      submission.done({ kind: 'final', grade: 'accepted' });
      shipper.submit({ ...submission, done: () => {} });
    },
  };
}

function withChanges(
  store: CheckpointStore,
  change: (changes: readonly Change[]) => readonly Change[],
): CheckpointStore {
  return {
    ...store,
    commit: (items) => store.commit(items.map((item) => ({ ...item, changes: change([...item.changes]) }))),
  };
}

function withLooseFloors(changes: readonly Change[]): readonly Change[] {
  const highWater = changes.flatMap((change) => (change.kind === 'state' ? [change.state.highWater] : []));
  return changes.map((change) =>
    change.kind === 'position'
      ? { ...change, position: { ...change.position, floor: Math.max(change.position.floor, ...highWater) } }
      : change,
  );
}
