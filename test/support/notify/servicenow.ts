import { z } from 'zod';

import { createServicenowChannel, servicenowOptions } from '../../../agent/notify/channels/servicenow.ts';
import type { WebhookRequest } from '../webhook-receiver.ts';
import type { HttpVendor, VendorAnswer } from './http-vendor.ts';

const PASSWORD = 'p4ssw0rd-of-servicenow';
const AUTHORIZATION = `Basic ${Buffer.from(`svc-guardrelay:${PASSWORD}`).toString('base64')}`;

const column = z.string().max(100);
const json = z
  .string()
  .refine((text) => z.record(z.string(), z.string()).safeParse(JSON.parse(text)).success);

/**
 * https://docs.servicenow.com/bundle/orlando-it-operations-management/page/product/event-management/concept/c_EMIntegrateRequirementEvent.html
 * and https://docs.servicenow.com/bundle/istanbul-it-operations-management/page/product/event-management/task/send-events-via-web-service.html
 */
const row = z.strictObject({
  source: column.min(1),
  event_class: column.min(1),
  node: column.min(1),
  resource: column,
  metric_name: column,
  type: column,
  message_key: z.string().min(1).max(1_024),
  severity: z.enum(['0', '1', '2', '3', '4', '5']),
  resolution_state: z.enum(['New', 'Closing']),
  time_of_event: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  description: z.string().max(4_000),
  additional_info: json,
});

export const servicenow: HttpVendor = {
  name: 'servicenow',
  secrets: { 'env:SN': PASSWORD },
  busyMs: 30_000,
  busy: { status: 429, headers: { 'retry-after': '30' }, body: failure('Rate limit exceeded') },
  down: { status: 503, body: 'Instance Hibernating page' },
  refusal: { status: 401, body: failure('User Not Authenticated') },
  answer,
  open: (url, deps) =>
    createServicenowChannel(
      servicenowOptions.parse({
        ...{ id: 'itsm', type: 'servicenow', url, insecureTransport: true },
        auth: { basic: { username: 'svc-guardrelay', password: 'env:SN' } },
      }),
      deps,
    ),
};

function answer({ method, path, headers, text }: WebhookRequest): VendorAnswer {
  if (headers.authorization !== AUTHORIZATION)
    return { status: 401, body: failure('User Not Authenticated') };
  if (method !== 'POST' || path !== '/api/now/table/em_event') {
    return { status: 400, body: failure(`Invalid table ${path}`) };
  }
  if (headers['content-type'] !== 'application/json' || headers.accept !== 'application/json') {
    return { status: 415, body: failure('Unsupported media type') };
  }
  const { data, error } = row.safeParse(JSON.parse(text));
  if (error) return { status: 400, body: failure(z.prettifyError(error)) };
  return { status: 201, body: JSON.stringify({ result: { sys_id: 'a1', ...data } }) };
}

function failure(message: string): string {
  return JSON.stringify({ error: { message, detail: null }, status: 'failure' });
}
