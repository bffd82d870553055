import type { Test } from 'tap';
import { z } from 'zod';

import type { HecEvent } from './hec-indexer.ts';
import { startWebhookReceiver, type WebhookReceiver, type WebhookRequest } from './webhook-receiver.ts';

/** The management port of a Splunk search head, as its REST API reference describes `search/jobs`; not a Splunk. */
export interface SplunkSearch {
  readonly url: string;
  readonly receiver: WebhookReceiver;
}

const oneshot = z.strictObject({
  search: z.string(),
  exec_mode: z.literal('oneshot'),
  output_mode: z.literal('json'),
  count: z.string().regex(/^\d+$/),
  earliest_time: z.string().regex(/^[+-]\d+[smhd]$/),
  latest_time: z.string().regex(/^[+-]\d+[smhd]$/),
});
const SPL =
  /^search index=([\w*-]+) \((\w+)::"((?:[^"\\]|\\.)*)" OR "((?:[^"\\]|\\.)*)"\) \| head 1 \| fields _time$/;

/** Searches what `events` says at that moment, for whoever bears the token. */
export async function startSplunkSearch(
  t: Test,
  { token, events }: { readonly token: string; events(): readonly HecEvent[] },
): Promise<SplunkSearch> {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = (request) => {
    const { method, path, headers } = request;
    if (method !== 'POST' || path !== '/services/search/jobs') return reply(404, 'Not Found');
    if (headers.authorization !== `Bearer ${token}`) return reply(401, 'call not properly authenticated');
    return search(request, events());
  };
  return { url: new URL(receiver.url).origin, receiver };
}

function search({ headers, text }: WebhookRequest, events: readonly HecEvent[]) {
  const isForm = headers['content-type'] === 'application/x-www-form-urlencoded';
  const form = oneshot.safeParse(Object.fromEntries(new URLSearchParams(text)));
  const [, index = '', field = '', value = '', words = ''] = SPL.exec(form.data?.search ?? '') ?? [];
  if (!isForm || !form.success || index === '')
    return reply(400, 'Error in search: the query is not understood');
  const inIndex = events.filter((event) => index === '*' || event.index === index);
  const hits = inIndex.filter(
    (event) => hasField(event, field, value) || JSON.stringify(event.event).includes(words),
  );
  return json(200, {
    ...{ preview: false, init_offset: 0, messages: [], fields: [{ name: '_time' }], highlighted: {} },
    results: hits.slice(0, Number(form.data.count)).map(({ time }) => ({ _time: String(time) })),
  });
}

function hasField({ fields }: HecEvent, field: string, value: string): boolean {
  return z.record(z.string(), z.unknown()).safeParse(fields).data?.[field] === value;
}

function reply(status: number, text: string) {
  return json(status, { messages: [{ type: status === 404 ? 'ERROR' : 'WARN', text }] });
}

function json(status: number, body: object) {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: JSON.stringify(body),
  };
}
