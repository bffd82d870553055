import { SEVERITIES } from '../model/relay-event.ts';
import type { Audience } from './audience.ts';
import type { Observation } from './condition.ts';
import { dueHappenings } from './happenings.ts';
import type { NoticeMemory } from './memory.ts';
import { type ChannelHealth, createSender, type SenderParts } from './sender.ts';
import { createTeller, type DueMessage, type Told } from './teller.ts';

/** One channel with everything that it has to be told. It waits for no other, and nobody waits for it. */
export interface Mailbox {
  readonly id: string;
  /** Sends what is due, until `stop`. */
  run(stop: AbortSignal): Promise<void>;
  /** A last try for what has happened. */
  flush(deadline: AbortSignal): Promise<void>;
  readonly hears: Audience['hears'];
  health(): ChannelHealth;
  open(): readonly Told[];
  close(): Promise<void>;
}

/** What was seen last; undefined: nothing yet. */
export interface Board {
  latest: Observation | undefined;
}

export interface MailboxParts extends Omit<SenderParts, 'before' | 'noted'> {
  readonly audience: Audience;
  readonly groupSeconds: number;
  /** Absent: what lasts is told once. */
  readonly repeatMs?: number;
  readonly publicUrl?: string | undefined;
  readonly memory: NoticeMemory;
  readonly board: Board;
}

/** Either kind of message, with what is to be written when it was taken, or will never be. */
interface Due extends Pick<DueMessage, 'event'> {
  taken(): void;
  refused(): void;
}

const LOOK_MS = 5_000;
/** A message that was refused is due again then, because somebody may have repaired what refused it. */
const REFUSED_MS = 15 * 60_000;

export function createMailbox(parts: MailboxParts): Mailbox {
  const { channel, audience, memory, clock, logger } = parts;
  const { id } = channel;
  const groupMs = parts.groupSeconds * 1_000;
  const sender = createSender({
    ...parts,
    before: memory.fared(id),
    noted: (health) => memory.note(id, health),
  });
  const teller = createTeller(memory.told(id), {
    ...{ ...parts, groupMs },
    isAcknowledged: (key) => memory.isAcknowledged(id, key),
  });
  /** By the monotonic clock. */
  const refusedAt = new Map<string, number>();
  /** Ids of what has happened and was told, while that could not be written. */
  const told = new Set<string>();

  function lasting(observation: Observation): readonly Due[] {
    return teller.due(audience.narrowed(observation)).map((message) => ({
      event: message.event,
      taken() {
        const { event } = message;
        // First here: a disk that takes nothing may not have the message sent again and again.
        teller.settled(message);
        refusedAt.delete(event.key);
        if (message.told) memory.remember(id, message.told);
        else memory.forget(id, event.key);
      },
      refused: () => void refusedAt.set(message.event.key, clock.monotonic()),
    }));
  }

  function happened(waitMs: number): readonly Due[] {
    const waiting = memory.waiting(id).filter(({ event }) => !told.has(event.id));
    return dueHappenings(waiting, clock.now(), waitMs).map(({ event, ids }) => {
      const done = (): void => {
        for (const each of ids) told.add(each);
        memory.done(id, ids);
        for (const each of ids) told.delete(each);
      };
      return { event, taken: done, refused: done };
    });
  }

  /** The worst first. */
  function dueNow(): readonly Due[] {
    const { latest } = parts.board;
    const due = [...(latest ? lasting(latest) : []), ...happened(groupMs)];
    const now = clock.monotonic();
    return due
      .filter(({ event: { key } }) => now - (refusedAt.get(key) ?? Number.NEGATIVE_INFINITY) >= REFUSED_MS)
      .toSorted((one, other) => rank(other) - rank(one));
  }

  /** False: not now. */
  async function deliver({ event, taken, refused }: Due, stop: AbortSignal): Promise<boolean> {
    const { kind } = await sender.send(event, stop);
    if (kind === 'ok') taken();
    if (kind === 'refused') refused();
    return kind !== 'retry';
  }

  /** False: enough for now. Sending takes time: as soon as more is known, what is due is found out anew. */
  async function sendAll(due: readonly Due[], stop: AbortSignal): Promise<boolean> {
    const { latest } = parts.board;
    for (const each of due) {
      if (stop.aborted || sender.isPaused() || !(await deliver(each, stop))) return false;
      if (parts.board.latest !== latest) return true;
    }
    return due.length > 0;
  }

  async function sendDue(stop: AbortSignal): Promise<void> {
    while (await sendAll(dueNow(), stop));
  }

  return {
    id,
    async run(stop) {
      while (!stop.aborted) {
        await sendDue(stop).catch((error: unknown) => {
          logger.error('notices could not be kept', { channel: id, error: String(error) });
        });
        await clock.sleep(LOOK_MS, stop);
      }
    },
    async flush(deadline) {
      for (const due of happened(0)) if (!(await deliver(due, deadline))) return;
    },
    hears: audience.hears,
    health: sender.health,
    open: teller.open,
    close: () => channel.close(),
  };
}

function rank({ event: { severity } }: Due): number {
  return SEVERITIES.indexOf(severity);
}
