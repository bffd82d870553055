import type { FailedCall } from '../../aws/failure.ts';
import type { Clock } from '../../model/clock.ts';
import type { RenderableRec } from '../../model/record.ts';
import { LASTING_CAUSES } from '../../model/source-facts.ts';
import { awaitEnds, type End } from './await-ends.ts';
import { failedStep, type TestStep } from './steps.ts';

/** How a record is sent into a region, and looked for on its way. */
export interface Trail {
  readonly customer: string;
  readonly clock: Clock;
  /** Aborts when the time is over, or when somebody stops the test. */
  readonly signal: AbortSignal;
  readonly ends: readonly TrailEnd[];
  send(): Promise<Extract<TestStep, { kind: 'sent' | 'failed' }>>;
  /** The record, once it stands in the log group. */
  stored(): Promise<RenderableRec | FailedCall | undefined>;
  /** Makes the agent read now. */
  wake(): Promise<void>;
  /** Ids of the destinations that have it. */
  acknowledgedBy(record: RenderableRec): Promise<readonly string[]>;
}

interface TrailEnd extends End {
  wants(record: RenderableRec): boolean;
}

const LOOK_MS = 1_000;
const SLOWEST_LOOK_MS = 5_000;

/** Sends a record and follows it as far as it comes. */
export async function* followRecord(trail: Trail): AsyncGenerator<TestStep, void> {
  const sent = await trail.send();
  const isLate = sent.kind === 'failed' && trail.signal.aborted;
  yield isLate ? { kind: 'late', leg: 'sent', fix: doctorOf(trail) } : sent;
  if (sent.kind === 'failed') return;
  const record = yield* awaitStored(trail);
  if (!record) return;
  const [ends, others] = parted(trail.ends, (end) => end.wants(record));
  for (const { id } of others) yield { kind: 'unwanted', destination: id };
  yield* awaitEnds(ends, {
    ...trail,
    key: record.key,
    lookFor: (record.kind === 'finding' ? record.finding.id : undefined) ?? record.key,
    fix: doctorOf(trail),
    wake: () => trail.wake(),
    acknowledgedBy: () => trail.acknowledgedBy(record),
  });
}

async function* awaitStored(trail: Trail): AsyncGenerator<TestStep, RenderableRec | undefined> {
  const { clock, signal } = trail;
  const fix = doctorOf(trail);
  let why: string | undefined;
  for (let waitMs = LOOK_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, SLOWEST_LOOK_MS)) {
    const seen = await trail.stored();
    if (signal.aborted) break;
    if (seen && isRecord(seen)) {
      yield { kind: 'stored', key: seen.key };
      return seen;
    }
    if (seen && LASTING_CAUSES.includes(seen.failure.cause)) {
      yield failedStep('stored', seen.failure, fix);
      return undefined;
    }
    why = seen?.failure.text;
    await clock.sleep(waitMs, signal);
  }
  yield { kind: 'late', leg: 'stored', ...(why !== undefined && { why }), fix };
  return undefined;
}

function isRecord(seen: RenderableRec | FailedCall): seen is RenderableRec {
  return seen.kind !== 'failed';
}

function doctorOf({ customer }: Trail): string {
  return `guardrelay doctor --customer ${customer}`;
}

function parted<T>(
  items: readonly T[],
  isFirst: (item: T) => boolean,
): readonly [readonly T[], readonly T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
