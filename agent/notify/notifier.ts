import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import { type Condition, conditionId, type Observation } from './condition.ts';
import type { Board, Mailbox } from './mailbox.ts';
import type { Happening, NoticeMemory } from './memory.ts';
import { createPatience } from './patience.ts';
import { createStormWatch } from './storm.ts';

/** Has each channel told what it must know. */
export interface Notifier {
  /** Looks every few seconds, and tells, until `stop`. */
  run(look: () => Look, stop: AbortSignal): Promise<void>;
  /** Durable when it returns: told to every channel that hears it, also after a restart. */
  happened(happening: Happening): void;
  /** A last try for what has happened. */
  flush(deadline: AbortSignal): Promise<void>;
}

/** All that is to be told now. */
export interface Look {
  readonly observation: Observation;
  /** How many sources there are. */
  readonly sources: number;
  readonly happenings: readonly Happening[];
}

interface NotifierParts {
  /** Of people, and of the SIEMs of customers. */
  readonly mailboxes: readonly Mailbox[];
  readonly memory: NoticeMemory;
  readonly board: Board;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LOOK_MS = 5_000;
const PRUNE_MS = 60_000;

export function createNotifier({ mailboxes, memory, board, clock, logger }: NotifierParts): Notifier {
  const patience = createPatience();
  const storm = createStormWatch(toldBefore(mailboxes));
  let prunedAt = Number.NEGATIVE_INFINITY;

  function see({ observation, sources, happenings }: Look): void {
    for (const happening of happenings) happened(happening);
    const conditions = [...observation.conditions, ...failingChannels(mailboxes)];
    board.latest = storm.judge(patience({ ...observation, conditions }), sources);
    if (clock.monotonic() - prunedAt >= PRUNE_MS) prune();
  }

  function happened(happening: Happening): void {
    const { event } = happening;
    const heard = { ...event, customers: event.customer ? [event.customer] : [] };
    const hearing = mailboxes.filter(({ hears }) => hears(heard)).map(({ id }) => id);
    if (hearing.length > 0) memory.put(happening, hearing);
  }

  function prune(): void {
    prunedAt = clock.monotonic();
    const untold = memory.prune(mailboxes.map(({ id }) => id));
    if (untold > 0) logger.error('notices were dropped that a channel never took', { notices: untold });
  }

  return {
    happened,
    async run(look, stop) {
      const telling = mailboxes.map((mailbox) => mailbox.run(stop));
      while (!stop.aborted) {
        try {
          see(look());
        } catch (error) {
          // What goes wrong here may not end the watching.
          logger.error('notices could not be looked for', { error: String(error) });
        }
        await clock.sleep(LOOK_MS, stop);
      }
      await Promise.all(telling);
    },
    async flush(deadline) {
      await Promise.all(mailboxes.map((mailbox) => mailbox.flush(deadline)));
    },
  };
}

/** Of many sources that fell at once each SIEM is told by itself: they are known to those alone who were told of all. */
function toldBefore(mailboxes: readonly Mailbox[]): { known: ReadonlySet<string>; isStorm: boolean } {
  const open = mailboxes.map((mailbox) => mailbox.open().flatMap(({ conditions }) => conditions));
  const stormy = open.filter((told) => told.some(({ type }) => type === 'agent.many-sources'));
  const isStorm = stormy.length > 0;
  return { known: new Set((isStorm ? stormy : open).flat().map(conditionId)), isStorm };
}

/** Each is told on all channels but itself. */
function failingChannels(mailboxes: readonly Mailbox[]): readonly Condition[] {
  return mailboxes.flatMap((mailbox) => {
    const { isFailing, failingSince, lastOkAt, lastFailure } = mailbox.health();
    if (!isFailing) return [];
    return {
      ...{ type: 'notify.channel-failing', code: 'NTF-001', subject: mailbox.id, channel: mailbox.id },
      ...{ customers: [], cause: `channel/${mailbox.id}/notify.channel-failing` },
      reason: lastFailure?.why ?? '',
      ...(failingSince !== undefined && { since: failingSince }),
      ...(lastOkAt !== undefined && { lastGoodAt: lastOkAt }),
    };
  });
}
