import { z } from 'zod';

import type { WebhookRequest } from '../webhook-receiver.ts';
import { httpHarness } from './http.ts';
import { strictAnswers } from './http-answers.ts';

export const SENTINEL_PATH = '/dataCollectionRules/dcr-1/streams/Custom-GuardDuty_CL?api-version=2023-01-01';
export const ENTRA_PATH = '/tenant-1/oauth2/v2.0/token';

/** What every Sentinel destination of a test has; tokens come from the same server as answers. */
export function sentinelOptionsAt(url: string) {
  return {
    type: 'sentinel',
    url: new URL('/', url).href,
    authority: new URL('/', url).href,
    ruleId: 'dcr-1',
    stream: 'Custom-GuardDuty_CL',
    tenantId: 'tenant-1',
    clientId: 'client-1',
    clientSecret: 'env:SECRET',
  };
}

const rows = z.array(
  z.strictObject({
    TimeGenerated: z.iso.datetime(),
    Customer: z.string(),
    AccountId: z.string(),
    Region: z.string(),
    Kind: z.string(),
    Type: z.string(),
    RecordId: z.string(),
    RawData: z.string().max(65_536),
  }),
);

export function sentinelRows({ path, headers, text }: WebhookRequest): z.infer<typeof rows> | undefined {
  if (path !== SENTINEL_PATH || headers['content-type'] !== 'application/json') return undefined;
  return headers.authorization === 'Bearer token-1' ? rows.safeParse(JSON.parse(text)).data : undefined;
}

const answer = strictAnswers({
  taken: 204,
  textsIn: (request) => sentinelRows(request)?.map(({ RawData }) => RawData),
});

export const sentinel = httpHarness({
  name: 'sentinel',
  options: sentinelOptionsAt,
  answer(request, manner) {
    if (request.path !== ENTRA_PATH) return answer(request, manner);
    return { status: 200, body: '{"access_token":"token-1","expires_in":3599}', taken: [] };
  },
});
