import { z } from 'zod';

import type { WebhookRequest } from '../webhook-receiver.ts';
import { httpHarness } from './http.ts';
import { strictAnswers } from './http-answers.ts';

const attributes = z.array(
  z.strictObject({ key: z.string().min(1), value: z.strictObject({ stringValue: z.string() }) }),
);
const nanoseconds = z.string().regex(/^\d{19}$/);
const logRecord = z.strictObject({
  timeUnixNano: nanoseconds,
  observedTimeUnixNano: nanoseconds,
  severityNumber: z.int().min(1).max(24),
  severityText: z.string(),
  body: z.strictObject({ stringValue: z.string() }),
  attributes,
});

/** ExportLogsServiceRequest in the JSON of Protocol Buffers, as far as the agent uses it. */
const body = z.strictObject({
  resourceLogs: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeLogs: z.array(
        z.strictObject({ scope: z.strictObject({ name: z.string() }), logRecords: z.array(logRecord) }),
      ),
    }),
  ),
});

export function otlpRecords({
  path,
  headers,
  text,
}: WebhookRequest): z.infer<typeof logRecord>[] | undefined {
  if (path !== '/v1/logs' || headers['content-type'] !== 'application/json') return undefined;
  const request = body.safeParse(JSON.parse(text)).data;
  return request?.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
}

export const otlp = httpHarness({
  name: 'otlp',
  options: (url) => ({ type: 'otlp', url: new URL('/', url).href }),
  answer: strictAnswers({
    taken: 200,
    body: '{"partialSuccess":{}}',
    textsIn: (request) => otlpRecords(request)?.map((record) => record.body.stringValue),
  }),
});
