import { Counter, type Registry } from 'prom-client';

/** What became of a message to people; `retry`: it is tried again. */
type NoticeOutcome = 'ok' | 'retry' | 'refused';

/** Counts messages to people. */
export interface NoticeMeter {
  told(channel: string, outcome: NoticeOutcome): void;
  addTo(registry: Registry): void;
}

const OUTCOMES: readonly NoticeOutcome[] = ['ok', 'retry', 'refused'];

export function createNoticeMeter(channels: readonly string[]): NoticeMeter {
  const notices = new Counter({
    name: 'guardrelay_notifications_total',
    help: 'Messages to people, each try by itself',
    labelNames: ['channel', 'outcome'],
    registers: [],
  });
  for (const channel of channels) for (const outcome of OUTCOMES) notices.inc({ channel, outcome }, 0);

  return {
    told: (channel, outcome) => notices.inc({ channel, outcome }),
    addTo: (registry) => registry.registerMetric(notices),
  };
}
