import { z } from 'zod';

import type { RelayEvent } from '../../model/relay-event.ts';
import { secretReference } from '../../model/secret.ts';
import { type Channel, type ChannelDeps, channelBase } from '../channel.ts';
import { createHttpChannel, httpFields } from '../http-channel.ts';
import type { Answer } from '../http-exchange.ts';
import { cut } from '../text.ts';
import { type Wording, wordingOf } from '../wording.ts';

/** Characters of the text of a section, and of one of its fields: Block Kit's limits. */
const MAX_SECTION = 3_000;
const MAX_FIELD = 2_000;
const MAX_FIELDS = 10;

export const slackOptions = channelBase.extend({
  type: z.literal('slack').describe('A Slack channel, by an incoming webhook'),
  url: secretReference.describe('Secret reference to the URL of the webhook: who knows it can post'),
  ...httpFields,
});

type SlackOptions = z.infer<typeof slackOptions>;

/** A message of blocks. Text of others stands in `plain_text` only, where Slack reads no markup. */
export function createSlackChannel(options: SlackOptions, deps: ChannelDeps): Channel {
  return createHttpChannel(
    options,
    {
      request: (event, { url }) => ({
        url,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(slackMessage(event, deps.agentId)),
      }),
      advice,
    },
    deps,
  );
}

function slackMessage(event: RelayEvent, agentId: string) {
  const wording = wordingOf(event, agentId);
  return {
    // For notifications and screen readers.
    text: escaped(wording.headline),
    mrkdwn: false,
    ...{ unfurl_links: false, unfurl_media: false },
    blocks: blocksOf(wording),
  };
}

function blocksOf({ headline, likely, fix, link, facts }: Wording): readonly object[] {
  const fields = facts.slice(0, MAX_FIELDS).map(({ name, value }) => plain(`${name}: ${value}`, MAX_FIELD));
  return [
    { type: 'section', text: plain(headline, MAX_SECTION) },
    ...(likely === undefined ? [] : [{ type: 'section', text: plain(`Likely: ${likely}`, MAX_SECTION) }]),
    ...(fix === undefined ? [] : [{ type: 'section', text: markup(`Fix: \`${code(fix)}\``) }]),
    { type: 'section', fields },
    ...(link === undefined
      ? []
      : [{ type: 'context', elements: [markup(`<${target(link)}|Open in guardrelay>`)] }]),
  ];
}

function plain(text: string, maxLength: number) {
  return { type: 'plain_text', text: cut(text, maxLength), emoji: false };
}

/** `verbatim`: what looks like a URL or a name is not made one. */
function markup(text: string) {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** The three characters by which Slack's markup begins mentions, links and entities. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Nothing in it ends the code. */
function code(text: string): string {
  return escaped(text.replaceAll('`', "'"));
}

function target(link: string): string {
  return escaped(link.replaceAll('|', '%7C'));
}

const ADVICE: ReadonlyMap<string, string> = new Map([
  [
    'no_service',
    'the webhook was removed or disabled: make a new one in Slack and keep its URL as the secret',
  ],
  ['no_team', 'the workspace is not active any more'],
  ['invalid_token', 'the URL of the webhook is not whole'],
  ['channel_not_found', 'the Slack channel is gone: make a webhook for another one'],
  ['channel_is_archived', 'the Slack channel is archived: make a webhook for another one'],
  ['action_prohibited', 'the workspace does not let the webhook post there: ask its administrator'],
]);

function advice({ text }: Answer): string | undefined {
  return ADVICE.get(text.trim());
}
