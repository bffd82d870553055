import { hash } from 'node:crypto';

import type { RelayEvent } from '../model/relay-event.ts';
import { cut } from './text.ts';
import { type Wording, wordingOf } from './wording.ts';

/** RFC 5322 2.1.1: a line has at most 998 characters; most programs show far less of a subject. */
const MAX_SUBJECT = 200;

/** A message as mail: each part of a header is one line of plain text. */
export interface Mail {
  readonly subject: string;
  readonly messageId: string;
  /** All mail about one key is one thread. */
  readonly thread: string;
  readonly text: string;
  readonly html: string;
}

/** `domain`: right of the @ in message ids. */
export function mailOf(event: RelayEvent, agentId: string, domain: string): Mail {
  const wording = wordingOf(event, agentId);
  return {
    subject: cut(wording.headline, MAX_SUBJECT),
    messageId: `<${hash('sha256', event.id)}@${domain}>`,
    thread: `<guardrelay-${hash('sha256', event.key)}@${domain}>`,
    text: textOf(wording),
    html: htmlOf(wording),
  };
}

function textOf({ headline, likely, fix, link, facts }: Wording): string {
  const parts = [
    headline,
    likely && `Likely: ${likely}`,
    fix && `Fix:\n  ${fix}`,
    facts.map(({ name, value }) => `${name}: ${value}`).join('\n'),
    link,
  ];
  return `${parts.filter((part) => part !== undefined).join('\n\n')}\n`;
}

function htmlOf({ headline, likely, fix, link, facts }: Wording): string {
  const rows = facts.map(
    ({ name, value }) =>
      `<tr><th align="left" valign="top">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  );
  const parts = [
    `<p><strong>${escaped(headline)}</strong></p>`,
    likely && `<p>Likely: ${escaped(likely)}</p>`,
    fix && `<p>Fix:</p><pre>${escaped(fix)}</pre>`,
    `<table cellpadding="2">${rows.join('\n')}</table>`,
    link && `<p><a href="${escaped(link)}">Open in guardrelay</a></p>`,
  ];
  const body = parts.filter((part) => part !== undefined).join('\n');
  return `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>guardrelay</title></head><body>\n${body}\n</body></html>\n`;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES.get(character) ?? '');
}
