import type { Config } from '../../config/config.ts';

/** What the configuration and AWS have to say about the value of an option. */
const VALUES: Readonly<Record<string, (config: Config) => readonly string[] | Promise<readonly string[]>>> = {
  '--customer': ({ customers }) => customers.map(({ id }) => id),
  '--account': ({ customers }) => customers.flatMap(({ accounts }) => accounts.collect),
  '--region': async ({ customers }) => {
    const named = customers.flatMap(({ regions }) => (Array.isArray(regions) ? regions : []));
    const isListed = customers.every(({ regions }) => Array.isArray(regions));
    return isListed ? named : [...named, ...(await regionsOfAws())];
  },
  '--dest': ({ destinations }) => destinations.map(({ id }) => id),
};

async function regionsOfAws(): Promise<readonly string[]> {
  const { REGIONS } = await import('../../aws/regions.ts');
  return REGIONS.map(({ region }) => region);
}

export function hasValues(option: string): boolean {
  return Object.hasOwn(VALUES, option);
}

/** Candidates for the value of `option`; `typed` may be a list, of which only the last entry is open. */
export async function valuesOf(option: string, typed: string, config: Config): Promise<readonly string[]> {
  const list = typed.slice(0, typed.lastIndexOf(',') + 1);
  const open = typed.slice(list.length);
  const taken = new Set(list.split(','));
  const values = (await VALUES[option]?.(config)) ?? [];
  const free = [...new Set(values)].filter((value) => value.startsWith(open) && !taken.has(value));
  return free.toSorted().map((value) => `${list}${value}`);
}
