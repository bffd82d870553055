import { z } from 'zod';

import { instant, iso } from './instant.ts';

/** How every answer looks: which it is, when it was made, and what it says. `status` makes `guardrelay.status/v1`. */
export function envelope<Name extends string, Summary extends z.ZodType, Data extends z.ZodType>(
  name: Name,
  { summary, data }: { readonly summary: Summary; readonly data: Data },
) {
  return z
    .strictObject({
      schema: z.literal(`guardrelay.${name}/v1` as const),
      generatedAt: instant,
      summary,
      data,
    })
    .meta({ id: `${pascal(name)}Answer` });
}

/** The fields that do not depend on what is said. */
export function head<Name extends string>(name: Name, now: number) {
  return { schema: `guardrelay.${name}/v1` as const, generatedAt: iso(now) };
}

/** Which part of a list is wanted. */
export const paging = {
  offset: z.coerce.number().int().min(0).default(0).describe('How many to leave out from the beginning'),
  limit: z.coerce.number().int().min(1).max(5_000).default(500).describe('At most so many'),
};

/** Beside a part of a list. */
export const page = {
  total: z.int().describe('How many there are, shown or not'),
  offset: z.int(),
  limit: z.int(),
};

interface Page {
  readonly offset: number;
  readonly limit: number;
}

export function pageOf<T>(
  all: readonly T[],
  { offset, limit }: Page,
): { readonly shown: readonly T[]; readonly total: number } {
  return { shown: all.slice(offset, offset + limit), total: all.length };
}

function pascal(name: string): string {
  return name.replaceAll(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());
}
