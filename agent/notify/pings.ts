import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { ChannelOutcome, Pinger } from './channel.ts';
import { within } from './deadline.ts';

export interface PingParts {
  readonly pinger: Pinger;
  readonly everySeconds: number;
  /** Pings are only sent while this holds: without them the far side alarms. */
  isWell(): boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  counted(channel: string, outcome: ChannelOutcome['kind']): void;
}

const PING_MS = 20_000;

/** Pings on schedule until `stop`: whoever is pinged tells people when this agent cannot. */
export async function keepPinging(parts: PingParts, stop: AbortSignal): Promise<void> {
  const { everySeconds, clock, isWell } = parts;
  let isOk = true;
  while (!stop.aborted) {
    if (isWell()) isOk = await ping(parts, stop, isOk);
    await clock.sleep(everySeconds * 1_000, stop);
  }
}

/** Whether it was taken; what changes is logged. */
async function ping(parts: PingParts, stop: AbortSignal, wasOk: boolean): Promise<boolean> {
  const { pinger, clock, logger, counted } = parts;
  const outcome = await within({ ms: PING_MS, clock, stop }, (signal) => pinger.ping(signal));
  counted(pinger.id, outcome.kind);
  const isOk = outcome.kind === 'ok';
  if (!isOk && wasOk) {
    logger.warn('a ping was not taken', { code: 'NTF-001', channel: pinger.id, why: outcome.why });
  }
  if (isOk && !wasOk) logger.info('pings are taken again', { channel: pinger.id });
  return isOk;
}
