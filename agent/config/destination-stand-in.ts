import { z } from 'zod';

import { FORMAT_NAMES } from '../model/format.ts';
import { identifier } from './names.ts';

/** Stands in until the sinks land. */
export const destinationOptions = z.discriminatedUnion('type', [
  z.strictObject({
    id: identifier,
    type: z.literal('syslog'),
    host: z.string(),
    port: z.int(),
    format: z.enum(FORMAT_NAMES).default('raw'),
  }),
  z.strictObject({
    id: identifier,
    type: z.literal('webhook'),
    url: z.string(),
    format: z.enum(FORMAT_NAMES).default('raw'),
  }),
]);
export type DestinationOptions = z.output<typeof destinationOptions>;
