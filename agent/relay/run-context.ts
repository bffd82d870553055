import type { CheckpointStore, Lease } from '../checkpoint/store.ts';
import type { Clock } from '../model/clock.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { Logger } from '../model/logger.ts';
import type { Rec, RenderableRec } from '../model/record.ts';
import type { Spool } from '../spool/spool.ts';
import type { CanarySettings } from './canary-watch.ts';
import type { Copies } from './copies.ts';
import type { Destination } from './destination.ts';
import type { Gap } from './gap.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { PlumbingSettings } from './plumbing-watch.ts';
import type { Progress } from './progress.ts';
import type { SourceMemory } from './source-memory.ts';
import type { Wake } from './wake.ts';

/** A record that a destination has: material for the search index. */
export interface DeliveredRecord {
  readonly record: RenderableRec;
  readonly destination: string;
  /** Epoch ms, the agent's clock. */
  readonly at: number;
}

/** Everything one leased source works with. */
export interface RunContext {
  readonly lease: Lease;
  readonly store: CheckpointStore;
  readonly progress: Progress;
  readonly memory: SourceMemory;
  /** The destinations of this source, by id. */
  readonly destinations: ReadonlyMap<string, Destination>;
  /** Absent: every log event is sent, whether or not another is a copy of it. */
  readonly copies?: Copies | undefined;
  /** Absent: the log group is the only buffer. */
  readonly spool?: Spool | undefined;
  /** Absent: nothing of our own goes through the findings rule. */
  readonly canary?: CanarySettings | undefined;
  /** Absent: nobody looks at rules and detector. */
  readonly plumbing?: PlumbingSettings | undefined;
  readonly budget: MemoryBudget;
  readonly clock: Clock;
  readonly wake: Wake;
  readonly logger: Logger;
  normalize(event: LogEvent): readonly Rec[];
  /** At least one destination was given records of this event. */
  handedOut(event: LogEvent, records: readonly RenderableRec[]): void;
  delivered(record: DeliveredRecord): void;
  /** Events may be gone for good. */
  lost(gap: Gap): void;
  /** What must be written before a checkpoint that says it was delivered. */
  beforeCommit(): void;
}
