import { z } from 'zod';

import type { WebhookRequest } from '../webhook-receiver.ts';
import { httpHarness } from './http.ts';
import { strictAnswers } from './http-answers.ts';

const nanoseconds = z.string().regex(/^\d{19}$/);
const strings = z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string().min(1));

/** The JSON body of Loki's push API: times are strings, at most 15 labels, metadata of strings. */
const body = z.strictObject({
  streams: z.array(
    z.strictObject({
      stream: strings.refine((labels) => Object.keys(labels).length <= 15),
      values: z.array(
        z.union([
          z.tuple([nanoseconds, z.string().max(262_144)]),
          z.tuple([nanoseconds, z.string().max(262_144), strings]),
        ]),
      ),
    }),
  ),
});

export type LokiPush = z.infer<typeof body>;

export function lokiPush({ path, headers, text }: WebhookRequest): LokiPush | undefined {
  if (path !== '/loki/api/v1/push' || headers['content-type'] !== 'application/json') return undefined;
  return body.safeParse(JSON.parse(text)).data;
}

export const loki = httpHarness({
  name: 'loki',
  options: (url) => ({ type: 'loki', url: new URL('/', url).href }),
  answer: strictAnswers({
    taken: 204,
    textsIn: (request) => lokiPush(request)?.streams.flatMap(({ values }) => values.map(([, line]) => line)),
  }),
});
