import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { RelayEvent } from '../model/relay-event.ts';
import type { Channel, ChannelOutcome } from './channel.ts';
import { within } from './deadline.ts';
import { elapsedMs } from './elapsed.ts';

/** How a channel has fared. Times in epoch ms. */
export interface Fared {
  readonly lastOkAt?: number;
  readonly lastFailure?: { readonly at: number; readonly why: string };
  /** Since when it takes nothing. */
  readonly failingSince?: number;
  /** It has refused a message since. */
  readonly isRefusing?: boolean;
}

export interface ChannelHealth extends Fared {
  /** It refuses messages, or takes none for a while: others should know. */
  readonly isFailing: boolean;
}

/** Sends one message at a time and keeps count of how it went. */
export interface Sender {
  send(event: RelayEvent, stop: AbortSignal): Promise<ChannelOutcome>;
  /** The far side is not to be called now. */
  isPaused(): boolean;
  health(): ChannelHealth;
}

export interface SenderParts {
  readonly channel: Channel;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly logger: Logger;
  counted(channel: string, outcome: ChannelOutcome['kind']): void;
  /** Before this agent was started. */
  readonly before: Fared;
  noted(fared: Fared): void;
}

type Failure = Exclude<ChannelOutcome, { kind: 'ok' }>;

const SEND_MS = 30_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** So long it may take nothing before others are told. */
const FAILING_MS = 2 * 60_000;

export function createSender(parts: SenderParts): Sender {
  const { channel, clock, logger } = parts;
  let fared = parts.before;
  /** By the monotonic clock. */
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let retries = 0;

  function succeeded(at: number): void {
    if (fared.failingSince !== undefined)
      logger.info('the channel takes notices again', { channel: channel.id });
    const { lastFailure } = fared;
    fared = { lastOkAt: at, ...(lastFailure && { lastFailure }) };
    retries = 0;
  }

  function failed({ kind, why, ...outcome }: Failure, at: number): void {
    const fields = { code: 'NTF-001', channel: channel.id, outcome: kind, why };
    logger[fared.failingSince === undefined ? 'warn' : 'debug']('a notice could not be sent', fields);
    fared = { failingSince: at, ...fared, lastFailure: { at, why } };
    if (kind === 'refused') fared = { ...fared, isRefusing: true };
    else pauseFor(('afterMs' in outcome ? outcome.afterMs : undefined) ?? pauseMs());
  }

  function pauseFor(ms: number): void {
    pausedUntil = clock.monotonic() + ms;
  }

  function pauseMs(): number {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** retries);
    retries += 1;
    return longest * (0.5 + parts.random() / 2);
  }

  function isFailing({ failingSince, isRefusing = false }: Fared): boolean {
    return isRefusing || (failingSince !== undefined && elapsedMs(failingSince, clock.now()) >= FAILING_MS);
  }

  return {
    async send(event, stop) {
      const outcome = await within({ ms: SEND_MS, clock, stop }, (signal) => channel.send(event, signal));
      if (stop.aborted && outcome.kind !== 'ok') return outcome;
      parts.counted(channel.id, outcome.kind);
      if (outcome.kind === 'ok') succeeded(clock.now());
      else failed(outcome, clock.now());
      parts.noted(fared);
      return outcome;
    },
    isPaused: () => clock.monotonic() < pausedUntil,
    health: () => ({ ...fared, isFailing: isFailing(fared) }),
  };
}
