import { z } from 'zod';

import type { WebhookRequest } from '../webhook-receiver.ts';
import { httpHarness } from './http.ts';
import { strictAnswers } from './http-answers.ts';

/** The body that Datadog documents: at most 1,000 logs of at most 1 MB. */
const body = z
  .array(
    z.strictObject({
      message: z.string().max(1_000_000),
      ddsource: z.string(),
      service: z.string(),
      ddtags: z.string(),
    }),
  )
  .max(1_000);

export function datadogLogs(request: WebhookRequest): z.infer<typeof body> | undefined {
  const { path, headers, text } = request;
  if (path !== '/api/v2/logs' || headers['content-type'] !== 'application/json') return undefined;
  return body.safeParse(JSON.parse(text)).data;
}

export const datadog = httpHarness({
  name: 'datadog',
  options: (url) => ({ type: 'datadog', url: new URL('/', url).href, apiKey: 'env:KEY' }),
  answer: strictAnswers({
    taken: 202,
    body: '{}',
    textsIn: (request) => datadogLogs(request)?.map(({ message }) => message),
  }),
});
