import { keepNewest } from '../model/keep-newest.ts';
import type { Grade } from '../model/outcome.ts';
import type { Delivered } from '../ship/shipper.ts';

/** One of the copies of a record for one destination, as one source has it. */
export interface Copy {
  readonly destination: string;
  readonly customer: string;
  /** Of the record: copies share it. */
  readonly key: string;
  /** Whoever offers it: the unit of `withdraw`. One object per (source, lease). */
  readonly owner: object;
  /** What it takes in memory while it waits. */
  readonly bytes: number;
  send(): void;
  /** Called instead of `send`: the destination has another copy, which is final. */
  skip(grade: Grade): void;
}

/**
 * Lets each destination have one of the copies of a record: its administrator and its member may both have a stack,
 * and EventBridge may deliver twice. A copy is skipped only when another one is final; until then it waits. Where
 * that is not known any more, after a restart too, it is sent: a copy too many, never one too few.
 */
export interface Copies {
  offer(copy: Copy): void;
  /** What became of a copy that was sent. */
  told(copy: Copy, result: Delivered): void;
  /** Forgets what this owner offered for a destination; others that waited for it are sent. */
  withdraw(destination: string, owner: object): void;
  /** How many copies a destination was spared. */
  skipped(destination: string): number;
}

/** Final records that are remembered, of all customers and destinations together: about 20 MB. */
const KEPT_RECORDS = 100_000;
/** Of one destination. Copies beyond this do not wait, but are sent. */
const WAITING_BYTES = 4 * 1024 * 1024;

/** A copy that was sent, and those that wait to hear what becomes of it. */
interface Race {
  readonly first: Copy;
  readonly waiting: Set<Copy>;
}

export function createCopies({ keptRecords = KEPT_RECORDS, waitingBytes = WAITING_BYTES } = {}): Copies {
  const races = new Map<string, Race>();
  /** Oldest first. */
  const finals = new Map<string, Grade>();
  const owned = new Map<object, Set<Copy>>();
  const bytesWaiting = createTally();
  const spared = createTally();

  function own(copy: Copy): void {
    const copies = owned.get(copy.owner);
    if (copies) copies.add(copy);
    else owned.set(copy.owner, new Set([copy]));
  }

  function disown(copy: Copy): void {
    const copies = owned.get(copy.owner);
    copies?.delete(copy);
    if (copies?.size === 0) owned.delete(copy.owner);
  }

  function skip(copy: Copy, grade: Grade): void {
    spared.add(copy.destination, 1);
    copy.skip(grade);
  }

  /** No copy is on its way any more: the next one is sent, and the others wait for that. */
  function restart(name: string, { waiting }: Race): void {
    const [first] = waiting;
    if (!first) {
      races.delete(name);
      return;
    }
    stopWaiting(waiting, first);
    races.set(name, { first, waiting });
    first.send();
  }

  function stopWaiting(waiting: Set<Copy>, copy: Copy): void {
    if (waiting.delete(copy)) bytesWaiting.add(copy.destination, -copy.bytes);
  }

  function remember(name: string, grade: Grade): void {
    finals.delete(name);
    finals.set(name, grade);
    keepNewest(finals, keptRecords);
  }

  function finish(name: string, grade: Grade): void {
    const waiting = races.get(name)?.waiting ?? new Set();
    races.delete(name);
    remember(name, grade);
    for (const copy of waiting) {
      stopWaiting(waiting, copy);
      disown(copy);
      skip(copy, grade);
    }
  }

  /** Answers with the race that has lost its first copy. */
  function leave(copy: Copy): readonly [string, Race] | undefined {
    const name = nameOf(copy);
    const race = races.get(name);
    disown(copy);
    if (race) stopWaiting(race.waiting, copy);
    return race?.first === copy ? [name, race] : undefined;
  }

  return {
    offer(copy) {
      const name = nameOf(copy);
      const grade = finals.get(name);
      if (grade !== undefined) return skip(copy, grade);
      own(copy);
      const race = races.get(name);
      if (race && bytesWaiting.of(copy.destination) + copy.bytes <= waitingBytes) {
        race.waiting.add(copy);
        bytesWaiting.add(copy.destination, copy.bytes);
        return;
      }
      if (!race) races.set(name, { first: copy, waiting: new Set() });
      copy.send();
    },
    told(copy, result) {
      const left = leave(copy);
      if (result.kind === 'final') finish(nameOf(copy), result.grade);
      else if (left) restart(...left);
    },
    withdraw(destination, owner) {
      const copies = [...(owned.get(owner) ?? [])].filter((copy) => copy.destination === destination);
      // Those of this owner leave before any is sent in place of another.
      const left = copies.map(leave).filter((race) => race !== undefined);
      for (const race of left) restart(...race);
    },
    skipped: (destination) => spared.of(destination),
  };
}

/** Ids of destinations and customers hold no line break. */
function nameOf({ destination, customer, key }: Copy): string {
  return `${destination}\n${customer}\n${key}`;
}

function createTally() {
  const numbers = new Map<string, number>();
  return {
    of: (name: string): number => numbers.get(name) ?? 0,
    add(name: string, number: number): void {
      numbers.set(name, (numbers.get(name) ?? 0) + number);
    },
  };
}
