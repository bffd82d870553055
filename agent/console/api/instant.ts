import { z } from 'zod';

/** A time in answers and questions: ISO 8601, UTC. */
export const instant = z.iso
  .datetime()
  .meta({ description: 'ISO 8601, UTC', examples: ['2026-11-20T21:40:00.000Z'] });

/** Epoch ms as the API writes it. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** The same for what may not have happened yet. */
export function isoMaybe(at: number | undefined): string | undefined {
  return at === undefined ? undefined : iso(at);
}
