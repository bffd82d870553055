import type { Fleet } from './fleet.ts';
import type { Place } from './places.ts';

/** A fleet, and the places that are its own. */
export interface FleetPart {
  readonly fleet: Fleet;
  owns(place: Place): boolean;
}

/** Several fleets as one: each works on the places that it owns, side by side with the others. */
export function combineFleets(parts: readonly FleetPart[]): Fleet {
  const each = <Answer>(ask: (fleet: Fleet) => Promise<Answer>): Promise<Answer[]> =>
    Promise.all(parts.map(({ fleet }) => ask(fleet)));

  async function divide<Item extends Place, Answer>(
    items: readonly Item[],
    work: (fleet: Fleet, own: readonly Item[]) => Promise<readonly Answer[]>,
  ): Promise<readonly Answer[]> {
    const shares = parts.map(({ fleet, owns }) => ({ fleet, own: items.filter(owns) }));
    const busy = shares.filter(({ own }) => own.length > 0);
    return (await Promise.all(busy.map(({ fleet, own }) => work(fleet, own)))).flat();
  }

  return {
    async inspect() {
      const lives = await each((fleet) => fleet.inspect());
      return {
        exists: lives.some(({ exists }) => exists),
        instances: lives.flatMap(({ instances }) => instances),
        busy: lives.some(({ busy }) => busy),
        changesAsOne: lives.some(({ changesAsOne }) => changesAsOne),
      };
    },
    attach: async () => (await each((fleet) => fleet.attach())).flat(),
    create: (places) => divide(places, (fleet, own) => fleet.create(own)),
    update: (places) => divide(places, (fleet, own) => fleet.update(own)),
    remove: (places) => divide(places, (fleet, own) => fleet.remove(own)),
    release: (failed) => divide(failed, (fleet, own) => fleet.release(own)),
    adopters: async () => (await each((fleet) => fleet.adopters())).flat(),
    detectDrift: (places) => divide(places, (fleet, own) => fleet.detectDrift(own)),
    async dissolve() {
      await each((fleet) => fleet.dissolve());
    },
  };
}
