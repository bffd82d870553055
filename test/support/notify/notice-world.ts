import { join } from 'node:path';
import type { Test } from 'tap';

import { silentLogger } from '../../../agent/model/logger.ts';
import type { RelayEvent } from '../../../agent/model/relay-event.ts';
import { type Audience, createAudience } from '../../../agent/notify/audience.ts';
import type { Channel, ChannelOutcome } from '../../../agent/notify/channel.ts';
import type { Condition, Observation } from '../../../agent/notify/condition.ts';
import { type Board, createMailbox } from '../../../agent/notify/mailbox.ts';
import { type NoticeMemory, openNoticeMemory } from '../../../agent/notify/memory.ts';
import { createNotifier, type Notifier } from '../../../agent/notify/notifier.ts';
import { createVirtualClock, finish, type VirtualClock } from '../virtual-clock.ts';

export const MINUTE_MS = 60_000;
const ACME = { id: 'acme', name: 'ACME Corporation' };

/** A region that is silent. */
export function silent(region: string, change: Partial<Condition> = {}): Condition {
  return {
    ...{ type: 'source.silent', code: 'SRC-001', cause: 'acme/source.silent/SRC-001' },
    ...{ subject: `acme/111111111111/${region}:/g`, customers: [ACME], region },
    ...{ account: { id: '111111111111', name: 'payments-prod' }, reason: 'heartbeat missing' },
    ...change,
  };
}

/** The same of another customer. */
export function silentAt(customer: string, region: string): Condition {
  return silent(region, {
    ...{ subject: `${customer}/1/${region}:/g`, customers: [{ id: customer }] },
    cause: `${customer}/source.silent/SRC-001`,
  });
}

/** What people saw of a channel that is made up; it can be broken. */
export interface FakeChannel extends Channel {
  readonly events: RelayEvent[];
  /** `action title` of each. */
  titles(): readonly string[];
  /** What it answers; absent: it takes everything. */
  answer?: (event: RelayEvent) => ChannelOutcome | Promise<ChannelOutcome>;
}

export function fakeChannel(id: string): FakeChannel {
  const events: RelayEvent[] = [];
  const channel: FakeChannel = {
    ...{ id, events },
    titles: () => events.map(({ action, title }) => `${action} ${title}`),
    async send(event) {
      const outcome = (await channel.answer?.(event)) ?? { kind: 'ok' };
      if (outcome.kind === 'ok') events.push(event);
      return outcome;
    },
    async close() {},
  };
  return channel;
}

/** Everything but what is looked at. */
export interface NoticeWorld {
  readonly clock: VirtualClock;
  /** What is wrong now. */
  conditions: readonly Condition[];
  unknown: ReadonlySet<string>;
  /** How many sources there are. */
  sources: number;
  /** `channel outcome` of each try. */
  readonly counted: string[];
  readonly file: string;
  start(channels: readonly FakeChannel[], audiences?: Readonly<Record<string, Audience>>): RunningNotifier;
}

interface RunningNotifier extends Pick<Notifier, 'happened'> {
  readonly memory: NoticeMemory;
  stop(): Promise<void>;
}

export function hearing(
  channel: string,
  change: Partial<Parameters<typeof createAudience>[0]> = {},
): Audience {
  const customers = new Set(['acme', 'globex', ...Array.from({ length: 40 }, (_, at) => `c${at}`)]);
  return createAudience({ channel, minSeverity: 'info', events: ['*'], customers, ...change });
}

export function createNoticeWorld(t: Test): NoticeWorld {
  const clock = createVirtualClock();
  const file = join(t.testdir({}), 'notices.db');
  const world: NoticeWorld = {
    ...{ clock, file, conditions: [], unknown: new Set(), sources: 100, counted: [] },
    start(channels, audiences = {}) {
      const memory = openNoticeMemory({ path: file, now: clock.now });
      const board: Board = { latest: undefined };
      const mailboxes = channels.map((channel) =>
        createMailbox({
          ...{ channel, memory, board, clock, logger: silentLogger, random: () => 1 },
          ...{ groupSeconds: 60, repeatMs: 240 * MINUTE_MS },
          audience: audiences[channel.id] ?? hearing(channel.id),
          counted: (id, outcome) => void world.counted.push(`${id} ${outcome}`),
        }),
      );
      const notifier = createNotifier({ mailboxes, memory, board, clock, logger: silentLogger });
      const stopping = new AbortController();
      const ran = notifier.run(
        () => ({ observation: observed(world), sources: world.sources, happenings: [] }),
        stopping.signal,
      );
      return {
        ...{ memory, happened: notifier.happened },
        async stop() {
          stopping.abort();
          await finish(clock, ran);
          memory.close();
        },
      };
    },
  };
  return world;
}

function observed({ clock, conditions, unknown }: NoticeWorld): Observation {
  return { at: clock.now(), conditions, unknown, isComplete: true };
}
