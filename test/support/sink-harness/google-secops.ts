import { generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';

import type { WebhookRequest } from '../webhook-receiver.ts';
import { httpHarness } from './http.ts';
import { strictAnswers } from './http-answers.ts';

const PARENT = 'projects/p-1/locations/us/instances/i-1';
export const SECOPS_PATH = `/v1alpha/${PARENT}/logTypes/GUARDDUTY/logs:import`;

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });

export { publicKey };

/** A service account's key file, pretty as Google writes it. */
export const keyFile = JSON.stringify(
  {
    type: 'service_account',
    client_email: 'relay@p-1.iam.gserviceaccount.com',
    private_key_id: 'key-1',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: 'https://elsewhere.example.com/token',
  },
  undefined,
  2,
);

/** What every Google SecOps destination of a test has; tokens come from the same server as answers. */
export function secopsOptionsAt(url: string) {
  return {
    type: 'google-secops',
    url: new URL('/', url).href,
    tokenUrl: new URL('/token', url).href,
    project: 'p-1',
    location: 'us',
    instance: 'i-1',
    forwarder: 'f-1',
    serviceAccount: 'file:/key.json',
  };
}

/** ImportLogsRequest in the JSON of Protocol Buffers, as far as the agent uses it. */
const body = z.strictObject({
  inlineSource: z.strictObject({
    forwarder: z.literal(`${PARENT}/forwarders/f-1`),
    logs: z.array(
      z
        .strictObject({
          data: z.base64(),
          logEntryTime: z.iso.datetime(),
          collectionTime: z.iso.datetime(),
          labels: z.record(z.string(), z.strictObject({ value: z.string().min(1) })),
          environmentNamespace: z.string().optional(),
        })
        .refine(({ logEntryTime, collectionTime }) => collectionTime > logEntryTime),
    ),
  }),
});

export function secopsLogs(request: WebhookRequest) {
  const { path, headers, text } = request;
  if (path !== SECOPS_PATH || headers['content-type'] !== 'application/json') return undefined;
  if (headers.authorization !== 'Bearer token-1') return undefined;
  return body.safeParse(JSON.parse(text)).data?.inlineSource.logs;
}

export function textOf({ data }: { readonly data: string }): string {
  return Buffer.from(data, 'base64').toString();
}

const answer = strictAnswers({
  taken: 200,
  body: '{}',
  textsIn: (request) => secopsLogs(request)?.map(textOf),
});

export const googleSecops = httpHarness({
  name: 'google-secops',
  options: secopsOptionsAt,
  deps: { readSecret: async () => keyFile },
  answer(request, manner) {
    if (request.path === '/token') {
      return { status: 200, body: '{"access_token":"token-1","expires_in":3599}', taken: [] };
    }
    return answer(request, manner);
  },
});
