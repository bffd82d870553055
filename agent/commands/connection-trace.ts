import type { Clock } from '../model/clock.ts';
import type { ConnectionStep } from '../ship/wire/connection-step.ts';

type Timed<Kind extends ConnectionStep['kind']> = Extract<ConnectionStep, { kind: Kind }> & {
  readonly tookMs: number;
};

/** The first step of each kind on the way to a destination; there may be several connections. */
export interface ConnectionTrace {
  readonly resolved: Timed<'resolved'> | undefined;
  readonly connected: Timed<'connected'> | undefined;
  readonly proxied: Timed<'proxied'> | undefined;
  readonly secured: Timed<'secured'> | undefined;
  onConnectionStep(step: ConnectionStep): void;
}

export function createConnectionTrace(clock: Clock): ConnectionTrace {
  let resolved: ConnectionTrace['resolved'];
  let connected: ConnectionTrace['connected'];
  let proxied: ConnectionTrace['proxied'];
  let secured: ConnectionTrace['secured'];
  let since = clock.monotonic();

  return {
    get resolved() {
      return resolved;
    },
    get connected() {
      return connected;
    },
    get proxied() {
      return proxied;
    },
    get secured() {
      return secured;
    },
    onConnectionStep(step) {
      const tookMs = clock.monotonic() - since;
      since += tookMs;
      switch (step.kind) {
        case 'resolved':
          resolved ??= { ...step, tookMs };
          return;
        case 'connected':
          connected ??= { ...step, tookMs };
          return;
        case 'proxied':
          proxied ??= { ...step, tookMs };
          return;
        case 'secured':
          secured ??= { ...step, tookMs };
          return;
      }
    },
  };
}
