import type { EffectOf, Fault, FaultEffect, FaultSite, Faults } from './world.ts';

interface Armed {
  readonly fault: Fault;
  passed: number;
  hits: number;
}

function concerns(fault: Fault, site: FaultSite): boolean {
  const { service = site.service, operation = site.operation } = fault;
  const { account = site.account, region = site.region } = fault;
  return (
    service === site.service &&
    operation === site.operation &&
    account === site.account &&
    region === site.region
  );
}

function strikes(armed: Armed): boolean {
  const { after = 0, times = Number.POSITIVE_INFINITY } = armed.fault;
  if (armed.passed < after) {
    armed.passed += 1;
    return false;
  }
  if (armed.hits >= times) return false;
  armed.hits += 1;
  return true;
}

function isOf<Kind extends FaultEffect['kind']>(
  effect: FaultEffect,
  kinds: readonly Kind[],
): effect is EffectOf<Kind> {
  return kinds.some((kind) => kind === effect.kind);
}

/** The fault switchboard; everything works to begin with. */
export function createFaults(): Faults {
  const board = new Set<Armed>();

  return {
    add(fault) {
      const armed: Armed = { fault, passed: 0, hits: 0 };
      board.add(armed);
      return () => void board.delete(armed);
    },
    clear: () => board.clear(),
    take(site, ...kinds) {
      for (const armed of board) {
        const { effect } = armed.fault;
        if (isOf(effect, kinds) && concerns(armed.fault, site) && strikes(armed)) return effect;
      }
      return undefined;
    },
  };
}
