import { z } from 'zod';

import { headerValues } from '../model/header-options.ts';
import { isTransportAllowed, urlOption } from '../model/http-url.ts';
import type { RelayEvent } from '../model/relay-event.ts';
import { retryAfterMs } from '../model/retry-after.ts';
import { type SecretReader, secretReference } from '../model/secret.ts';
import { createAttempts, type Secrets } from './attempts.ts';
import type { Channel, ChannelDeps, ChannelOutcome } from './channel.ts';
import { type Answer, exchange, type HttpMessage, nameOf } from './http-exchange.ts';
import { plainLine } from './text.ts';
import { UnfitError } from './unfit.ts';

/** Kept of what the far side said. */
const MAX_QUOTE = 200;

/** Where a channel posts to, which for some vendors is a secret itself. */
export const addressOption = z.union([urlOption, secretReference], {
  error: 'must be an https:// URL, or a secret reference to one: env:NAME or file:/path',
});

/** What every channel over HTTP has. */
export const httpFields = {
  caFile: z
    .string()
    .min(1)
    .exactOptional()
    .describe('PEM file of the authorities to trust instead of the public ones'),
  insecureTransport: z
    .boolean()
    .default(false)
    .describe('Must be true for http: messages and secrets then cross the network in clear text'),
};

interface HttpOptions {
  readonly id: string;
  readonly url: string;
  readonly caFile?: string;
  readonly insecureTransport: boolean;
}

/** For `refine`; the URL behind a secret reference is looked at when it is read. */
export function isAddressAllowed(options: Pick<HttpOptions, 'url' | 'insecureTransport'>): boolean {
  return isReference(options.url) || isTransportAllowed(options);
}

export const CLEAR_TEXT = {
  path: ['insecureTransport'],
  error: 'http sends messages and secrets in clear text; use https, or set insecureTransport: true',
};

/** What a request is made with. */
interface Making extends Secrets {
  /** What `url` says, with the secret in its place. */
  readonly url: URL;
}

/** How one vendor is spoken to. */
interface Vendor<Sent> {
  /** Undefined: of this there is nothing to say. */
  request(sent: Sent, making: Making): HttpMessage | undefined | Promise<HttpMessage | undefined>;
  /** What an answer means that HTTP alone does not tell. */
  judge?(answer: Answer): ChannelOutcome | undefined;
  /** What a person should do about a refusal. */
  advice?(answer: Answer): string | undefined;
}

export function createHttpChannel(
  options: HttpOptions,
  vendor: Vendor<RelayEvent>,
  deps: ChannelDeps,
): Channel {
  return { id: options.id, ...createHttpSender(options, vendor, deps) };
}

/** One request and its answer for each thing that is sent. */
export function createHttpSender<Sent>(options: HttpOptions, vendor: Vendor<Sent>, deps: ChannelDeps) {
  const { caFile } = options;
  return createAttempts<Sent>(deps.readSecret, async (sent, secrets, signal) => {
    const url = await addressOf(options, secrets);
    const message = await vendor.request(sent, { url, ...secrets });
    if (!message) return { kind: 'ok' };
    // A password is sent encoded, and an answer may repeat it as it was sent.
    secrets.hide(message.headers.authorization?.split(' ').at(-1) ?? '');
    const answer = await exchange(message, { ...deps, caFile }, signal);
    return (
      vendor.judge?.(answer) ?? outcomeOf(answer, message.url, vendor.advice?.(answer), deps.clock.now())
    );
  });
}

async function addressOf({ url, insecureTransport }: HttpOptions, { read, hide }: Secrets): Promise<URL> {
  const text = isReference(url) ? (await read(url)).trim() : url;
  const isFit = urlOption.safeParse(text).success && isTransportAllowed({ url: text, insecureTransport });
  if (!isFit) throw new UnfitError(`the secret ${url} holds no https:// URL`);
  const address = new URL(text);
  if (isReference(url)) for (const part of partsOf(address)) hide(part);
  return address;
}

/** What is shorter in a path is a word. */
const SHORTEST_KEY = 16;

/** A far side that repeats the request names the path alone, or the key in it. */
function partsOf({ pathname, search, searchParams }: URL): readonly string[] {
  const keys = [...pathname.split('/'), ...searchParams.values()].filter(
    (part) => part.length >= SHORTEST_KEY,
  );
  return [pathname, search, ...keys];
}

/** RFC 9110 5.5: what a field value may hold. */
const FIELD_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** What the configuration says of headers, with the secrets in their places. */
export async function headersOf(
  sources: Parameters<typeof headerValues>[0],
  read: SecretReader,
): Promise<Readonly<Record<string, string>>> {
  const readField: SecretReader = async (reference) => {
    const secret = await read(reference);
    if (FIELD_VALUE.test(secret)) return secret;
    throw new UnfitError(`the secret ${reference} holds characters that a header cannot carry`);
  };
  const entries = Object.entries(headerValues(sources));
  return Object.fromEntries(
    await Promise.all(entries.map(async ([name, value]) => [name, await value(readField)] as const)),
  );
}

function isReference(url: string): boolean {
  return secretReference.safeParse(url).success;
}

/** Not now, rather than never. */
const PASSING = new Set([408, 425, 429]);

/** A login or error page of something in between. */
const WEB_PAGE = /^\s*<(!doctype html|html)\b/i;

/** What an answer means by HTTP alone. */
function outcomeOf(answer: Answer, url: URL, advice: string | undefined, nowMs: number): ChannelOutcome {
  const { status, text } = answer;
  const isTaken = status >= 200 && status < 300;
  if (isTaken && !WEB_PAGE.test(text)) return { kind: 'ok' };
  if (isTaken)
    return { kind: 'refused', why: `${nameOf(url)} answered with a web page; is it the right URL?` };
  const quote = plainLine(text, MAX_QUOTE);
  const why = [`${nameOf(url)} answered ${status}${quote && `: ${quote}`}`, advice]
    .filter(Boolean)
    .join('; ');
  if (!PASSING.has(status) && status < 500) return { kind: 'refused', why };
  const afterMs = retryAfterMs(answer.retryAfter, nowMs);
  return { kind: 'retry', why, ...(afterMs !== undefined && { afterMs }) };
}
