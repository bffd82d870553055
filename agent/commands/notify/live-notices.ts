import { join } from 'node:path';

import type { Config } from '../../config/config.ts';
import type { NoticeMeter } from '../../health/notice-meter.ts';
import type { AccountDirectory } from '../../model/account-names.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { NoticeOutbox } from '../../model/notice-outbox.ts';
import { agentHappening } from '../../notify/agent-happening.ts';
import { createAudience, SIEMS } from '../../notify/audience.ts';
import type { Channel, ChannelDeps } from '../../notify/channel.ts';
import {
  type ChannelOptions,
  createChannel,
  createPinger,
  type MessengerOptions,
} from '../../notify/channels/index.ts';
import type { Condition, Observation } from '../../notify/condition.ts';
import { kindOf } from '../../notify/event-types.ts';
import { type Board, createMailbox, type Mailbox, type MailboxParts } from '../../notify/mailbox.ts';
import { openNoticeMemory } from '../../notify/memory.ts';
import { createNotifier } from '../../notify/notifier.ts';
import { keepPinging, type PingParts } from '../../notify/pings.ts';
import type { Agent } from '../../relay/agent.ts';
import { type ChangeWatch, createChangeWatch } from '../../relay/change-watch.ts';
import { createLook, namesOf } from '../../relay/notice-look.ts';
import type { Names } from '../../relay/source-conditions.ts';

export interface NoticeParts extends ChannelDeps {
  readonly config: Config;
  readonly accountNames: AccountDirectory;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly meter: NoticeMeter;
  readonly version: string;
  /** What is wrong with the files of the configuration. */
  configTroubles(): readonly string[];
  /** What others watch; absent: nothing. */
  others?(names: Names, now: number): readonly Condition[];
  /** Asked for when there is something for a SIEM. */
  outbox(): NoticeOutbox;
}

/** All that tells people and SIEMs what the agent has to say. */
export interface Notices {
  readonly changes: ChangeWatch;
  /** Watches the agent until `stop`. */
  watch(agent: Agent): { run(stop: AbortSignal): Promise<void> };
  tell(type: Parameters<typeof agentHappening>[0]): void;
  /** Stops the repeats; how many channels had been told. */
  acknowledge(key: string): number;
  close(): Promise<void>;
}

const REPEAT_MS = 4 * 3_600_000;
const FLUSH_MS = 3_000;
/** No channel of the configuration can be called so. */
const SIEM_ID = '(siem)';

export function openNotices(parts: NoticeParts): Notices {
  const { config, accountNames, clock, logger, version, agentId } = parts;
  const memory = openNoticeMemory({ path: noticeFile(config.agent.dataDir), now: clock.now });
  const board: Board = { latest: undefined };
  const names = namesOf(config.customers, accountNames);
  const common = {
    ...{ memory, board, clock, logger, random: parts.random, publicUrl: config.http.publicUrl },
    counted: (channel: string, outcome: Parameters<NoticeMeter['told']>[1]) => {
      if (channel !== SIEM_ID) parts.meter.told(channel, outcome);
    },
  };
  const mailboxes = [...peopleOf(parts, common), siemsOf(parts, common)];
  const notifier = createNotifier({ ...common, mailboxes });
  const { happened } = notifier;

  return {
    changes: createChangeWatch({ names, happened, now: clock.now, logger }),
    watch(agent) {
      const others = () => [
        ...configConditions(parts.configTroubles()),
        ...(parts.others?.(names, clock.now()) ?? []),
      ];
      const withoutStacks = new Set(
        config.customers.filter(({ stack }) => stack.mode === 'existing').map(({ id }) => id),
      );
      const look = createLook({ agent, names, withoutStacks, others, now: clock.now });
      const pings = pingsOf(parts, {
        isAlive: () => agent.isAlive(),
        isReady: () => agent.isReady(),
        isHealthy: () => isHealthy(board.latest),
      });
      return {
        async run(stop) {
          const pinging = pings.map((each) => keepPinging(each, stop));
          await notifier.run(look, stop);
          await Promise.all(pinging);
          await Promise.all(pings.map(({ pinger }) => pinger.close()));
        },
      };
    },
    tell: (type) => happened(agentHappening(type, { agentId, version, at: clock.now() })),
    acknowledge: memory.acknowledge,
    async close() {
      await notifier.flush(AbortSignal.timeout(FLUSH_MS));
      await Promise.all(mailboxes.map((mailbox) => mailbox.close()));
      memory.close();
    },
  };
}

interface Probes {
  isAlive(): boolean;
  isReady(): boolean;
  /** Nothing delivers nothing. */
  isHealthy(): boolean;
}

function isHealthy(observation: Observation | undefined): boolean {
  return observation?.conditions.every(({ type }) => kindOf(type).severity !== 'critical') ?? false;
}

/** What the agent keeps about notices, in its data directory. */
export function noticeFile(dataDir: string): string {
  return join(dataDir, 'notices.db');
}

type Common = Omit<MailboxParts, 'channel' | 'audience' | 'groupSeconds'>;

function peopleOf({ config, ...deps }: NoticeParts, common: Common): readonly Mailbox[] {
  return config.notify.filter(isMessenger).map((options) => {
    const { id, groupSeconds, minSeverity, events } = options;
    const choosing = config.customers.filter(({ notify }) => notify === undefined || notify.includes(id));
    const customers = new Set(choosing.map((customer) => customer.id));
    return createMailbox({
      ...{ ...common, groupSeconds, repeatMs: REPEAT_MS, channel: createChannel(options, deps) },
      audience: createAudience({ channel: id, minSeverity, events, customers }),
    });
  });
}

function isMessenger(options: ChannelOptions): options is MessengerOptions {
  return options.type !== 'heartbeat-url';
}

/** Whoever alarms by himself when this agent is gone. */
function pingsOf(parts: NoticeParts, probes: Probes): readonly PingParts[] {
  const { config, clock, logger, meter } = parts;
  const pinged = config.notify.filter((options) => options.type === 'heartbeat-url');
  return pinged.map((options) => ({
    ...{ clock, logger, counted: meter.told, everySeconds: options.everySeconds },
    pinger: createPinger(options, parts),
    isWell: () =>
      probes.isAlive() && probes.isReady() && (options.pingWhile === 'agent' || probes.isHealthy()),
  }));
}

/** A record is not repeated, and each customer's stands by itself. */
function siemsOf({ outbox }: NoticeParts, common: Common): Mailbox {
  const channel: Channel = {
    id: SIEM_ID,
    async send(event) {
      await outbox().put(event);
      return { kind: 'ok' };
    },
    async close() {},
  };
  return createMailbox({ ...common, channel, audience: SIEMS, groupSeconds: 60 });
}

function configConditions(troubles: readonly string[]): readonly Condition[] {
  if (troubles.length === 0) return [];
  return [
    {
      ...{ type: 'config.invalid', code: 'CFG-001', subject: 'configuration', customers: [] },
      ...{ cause: 'agent/config.invalid', reason: troubles.join('; ') },
    },
  ];
}
