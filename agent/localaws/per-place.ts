import type { Place } from './service.ts';

/** State that every account and region has its own of, made when it is first asked for. */
export function perPlace<State>(make: (place: Place) => State): (place: Place) => State {
  const states = new Map<string, State>();
  return ({ account, region, partition }) => {
    const key = `${account}/${region}`;
    const known = states.get(key);
    if (known !== undefined) return known;
    const made = make({ account, region, partition });
    states.set(key, made);
    return made;
  };
}
