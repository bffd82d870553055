import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

import { channelOptions } from '../../agent/notify/channels/index.ts';
import { createWebhookChannel, webhookOptions } from '../../agent/notify/channels/webhook.ts';
import { fieldsOf } from '../../agent/notify/event-fields.ts';
import { mailOf } from '../../agent/notify/mail.ts';
import { SHIPPED } from '../../agent/notify/template.ts';
import { wordingOf } from '../../agent/notify/wording.ts';
import { channelDeps } from '../support/channel-deps.ts';
import { changed, heardAgain, silent } from '../support/notify/events.ts';
import type { HttpVendor } from '../support/notify/http-vendor.ts';
import { pagerduty } from '../support/notify/pagerduty.ts';
import { servicenow } from '../support/notify/servicenow.ts';
import { slack } from '../support/notify/slack.ts';
import { sns } from '../support/notify/sns.ts';
import { optionKinds } from '../support/option-kinds.ts';
import { optionDifference } from '../support/option-page.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { startWebhookReceiver, type WebhookRequest } from '../support/webhook-receiver.ts';

const PAGES = new URL('../../docs/notify/', import.meta.url);
const never = new AbortController().signal;

function pageOf(name: string): string {
  return readFileSync(new URL(`${name}.md`, PAGES), 'utf8');
}

/** The example of a page that is written in this language. */
function example(page: string, language: string): string {
  const [, text = ''] = new RegExp(`^\`\`\`${language}\n(.*?)\n\`\`\`$`, 'ms').exec(page) ?? [];
  return text;
}

t.test(
  'every type of channel has its page, to which the README links, and every page its type',
  async (t) => {
    const pages = readdirSync(PAGES).map((name) => name.replace('.md', ''));
    const types = [...optionKinds(channelOptions).keys()];

    t.same(pages.filter((name) => name !== 'README').toSorted(), types.toSorted());
    t.same(
      types.filter((type) => !pageOf('README').includes(`[${type}](${type}.md)`)),
      [],
    );
  },
);

for (const [type, options] of optionKinds(channelOptions)) {
  t.test(`the page of ${type} names every option, and none that does not exist`, async (t) => {
    const { named, missing, unknown } = optionDifference(pageOf(type), options);

    t.ok(named > 0, 'it has a table');
    t.same({ missing, unknown }, { missing: [], unknown: [] });
  });
}

t.test('the README shows messages as they are', async (t) => {
  const texts = [silent(), heardAgain(), changed()].map((event) => wordingOf(event, 'relay-eu-1').text);

  t.equal(example(pageOf('README'), ''), texts.join('\n'));
});

const parsed = {
  json: ({ text }: WebhookRequest): unknown => JSON.parse(text),
  form: ({ text }: WebhookRequest): unknown => Object.fromEntries(new URLSearchParams(text)),
};
const webhook: Pick<HttpVendor, 'name' | 'secrets' | 'open'> = {
  name: 'webhook',
  secrets: {},
  open: (url, deps) =>
    createWebhookChannel(
      webhookOptions.parse({ id: 'hook', type: 'webhook', url, insecureTransport: true }),
      deps,
    ),
};
const samples = [
  { vendor: slack, read: parsed.json },
  { vendor: servicenow, read: parsed.json },
  { vendor: pagerduty, read: parsed.json },
  { vendor: webhook, read: parsed.json },
  { vendor: sns, read: parsed.form },
];
for (const { vendor, read } of samples) {
  t.test(`the page of ${vendor.name} shows the message that is sent`, async (t) => {
    const receiver = await startWebhookReceiver(t);
    const channel = vendor.open(
      new URL(receiver.url).origin,
      channelDeps(createVirtualClock(), vendor.secrets),
    );

    await channel.send(silent(), never);

    const shown = JSON.parse(example(pageOf(vendor.name), 'json'));
    // The page names where the key stands.
    const key = 'routing_key' in shown ? { routing_key: vendor.secrets['env:PD'] } : {};
    t.same(receiver.requests.map(read), [{ ...shown, ...key }]);
  });
}

t.test('the page of smtp shows the text that is sent', async (t) => {
  t.equal(`${example(pageOf('smtp'), 'text')}\n`, mailOf(silent(), 'relay-eu-1', 'example.com').text);
});

t.test('the page of webhook names every template, and every field that there is', async (t) => {
  const page = pageOf('webhook');
  const fields = Object.keys(fieldsOf(silent(), 'relay-eu-1'));

  t.same(
    [...SHIPPED, ...fields].filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});
