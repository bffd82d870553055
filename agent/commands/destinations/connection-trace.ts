import { isIP } from 'node:net';

import type { Clock } from '../../model/clock.ts';
import type { SinkPlace } from '../../model/sink.ts';
import type { ConnectionStep } from '../../ship/wire/connection-step.ts';

type Kind = ConnectionStep['kind'];
type Timed<K extends Kind> = Extract<ConnectionStep, { kind: K }> & { readonly tookMs: number };

/** One step of each kind, where there was one. */
export type Way = { readonly [K in Kind]?: Timed<K> };

/** What happened on the way to a destination. */
export interface ConnectionTrace {
  onConnectionStep(step: ConnectionStep): void;
  /**
   * The steps to the destination itself. Where it was not reached those to another host: a proxy, or the server
   * that gives tokens.
   */
  wayTo(place: SinkPlace): Way;
}

export function createConnectionTrace(clock: Clock): ConnectionTrace {
  const steps: { readonly step: ConnectionStep; readonly tookMs: number }[] = [];
  let since = clock.monotonic();

  return {
    onConnectionStep(step) {
      const tookMs = clock.monotonic() - since;
      since += tookMs;
      steps.push({ step, tookMs });
    },
    wayTo(place) {
      const way: { -readonly [K in Kind]?: Timed<K> } = {};
      const others = steps.filter(({ step }) => !isAbout(step, place));
      const own = steps.filter(({ step }) => isAbout(step, place));
      for (const { step, tookMs } of [...own, ...others]) note(way, step, tookMs);
      return way;
    },
  };
}

function note(way: { -readonly [K in Kind]?: Timed<K> }, step: ConnectionStep, tookMs: number): void {
  switch (step.kind) {
    case 'resolved':
      // An address needs no name.
      if (isIP(step.host) === 0) way.resolved ??= { ...step, tookMs };
      return;
    case 'connected':
      way.connected ??= { ...step, tookMs };
      return;
    case 'proxied':
      way.proxied ??= { ...step, tookMs };
      return;
    case 'secured':
      way.secured ??= { ...step, tookMs };
      return;
  }
}

function isAbout(step: ConnectionStep, { name }: SinkPlace): boolean {
  return step.kind === 'resolved' ? name.startsWith(`${step.host}:`) : step.to === name;
}
