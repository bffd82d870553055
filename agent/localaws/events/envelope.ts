import type { Place } from '../service.ts';
import type { World } from '../world.ts';

/** An event as EventBridge hands it to a target. */
export interface EventEnvelope {
  readonly version: string;
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601 in whole seconds, UTC. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** An event to emit: what its source knows; the rest is filled in. */
export type EmittedEvent = Pick<EventEnvelope, 'detail-type' | 'source' | 'detail'> & Partial<EventEnvelope>;

/** EventBridge knows no fractions of a second. */
export function envelopeTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** Completes an event, in the key order of AWS. */
export function complete({ account, region }: Place, event: EmittedEvent, world: World): EventEnvelope {
  return {
    version: event.version ?? '0',
    id: event.id ?? world.nextId(),
    'detail-type': event['detail-type'],
    source: event.source,
    account: event.account ?? account,
    time: event.time ?? envelopeTime(world.clock.now()),
    region: event.region ?? region,
    resources: event.resources ?? [],
    detail: event.detail,
  };
}
