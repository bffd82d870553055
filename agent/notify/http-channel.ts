import { z } from 'zod';

import { GuardrelayError } from '../model/error.ts';
import { headerValues } from '../model/header-options.ts';
import { isTransportAllowed, urlOption } from '../model/http-url.ts';
import { createMask, type Mask } from '../model/mask.ts';
import type { RelayEvent } from '../model/relay-event.ts';
import { retryAfterMs } from '../model/retry-after.ts';
import { type SecretReader, secretReference } from '../model/secret.ts';
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
export interface Making {
  /** What `url` says, with the secret in its place. */
  readonly url: URL;
  /** Reads a secret; what was read never shows in an outcome. */
  readonly read: SecretReader;
  /** For secrets that stand elsewhere. */
  hide(secret: string): void;
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

interface Sender<Sent> {
  send(sent: Sent, signal: AbortSignal): Promise<ChannelOutcome>;
  close(): Promise<void>;
}

export function createHttpChannel(
  options: HttpOptions,
  vendor: Vendor<RelayEvent>,
  deps: ChannelDeps,
): Channel {
  return { id: options.id, ...createHttpSender(options, vendor, deps) };
}

/** Sends one thing at a time to one address; what comes of it is always an outcome, without any secret. */
export function createHttpSender<Sent>(
  options: HttpOptions,
  vendor: Vendor<Sent>,
  deps: ChannelDeps,
): Sender<Sent> {
  const life = new AbortController();
  const { caFile } = options;

  async function attempt(sent: Sent, mask: Mask, signal: AbortSignal): Promise<ChannelOutcome> {
    const read = maskedReader(deps.readSecret, mask);
    const url = await addressOf(options, read, mask);
    const message = await vendor.request(sent, { url, read, hide: mask.hide });
    if (!message) return { kind: 'ok' };
    // A password is sent encoded, and an answer may repeat it as it was sent.
    mask.hide(message.headers.authorization?.split(' ').at(-1) ?? '');
    const answer = await exchange(message, { ...deps, caFile }, signal);
    return (
      vendor.judge?.(answer) ?? outcomeOf(answer, message.url, vendor.advice?.(answer), deps.clock.now())
    );
  }

  return {
    async send(sent, signal) {
      const mask = createMask();
      const either = AbortSignal.any([signal, life.signal]);
      const outcome = await attempt(sent, mask, either).catch(outcomeOfError);
      return outcome.kind === 'ok' ? outcome : { ...outcome, why: mask.clean(outcome.why) };
    },
    async close() {
      life.abort();
    },
  };
}

function maskedReader(readSecret: SecretReader, mask: Mask): SecretReader {
  return async (reference) => {
    const secret = await readSecret(reference);
    mask.hide(secret);
    return secret;
  };
}

async function addressOf(
  { url, insecureTransport }: HttpOptions,
  read: SecretReader,
  mask: Mask,
): Promise<URL> {
  const text = isReference(url) ? (await read(url)).trim() : url;
  const isFit = urlOption.safeParse(text).success && isTransportAllowed({ url: text, insecureTransport });
  if (!isFit) throw new UnfitError(`the secret ${url} holds no https:// URL`);
  const address = new URL(text);
  // A far side that repeats the request names the path alone.
  if (isReference(url)) for (const part of [address.pathname, address.search]) mask.hide(part);
  return address;
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

export function outcomeOfError(error: unknown): ChannelOutcome {
  const why = error instanceof Error ? error.message : 'it is not known why';
  const isFinal = error instanceof UnfitError || error instanceof GuardrelayError;
  return { kind: isFinal ? 'refused' : 'retry', why };
}

/** Not now, rather than never. */
const PASSING = new Set([408, 425, 429]);

/** What an answer means by HTTP alone. */
export function outcomeOf(
  answer: Answer,
  url: URL,
  advice: string | undefined,
  nowMs: number,
): ChannelOutcome {
  const { status, text } = answer;
  if (status >= 200 && status < 300) return { kind: 'ok' };
  const quote = plainLine(text, MAX_QUOTE);
  const why = [`${nameOf(url)} answered ${status}${quote && `: ${quote}`}`, advice]
    .filter(Boolean)
    .join('; ');
  if (!PASSING.has(status) && status < 500) return { kind: 'refused', why };
  const afterMs = retryAfterMs(answer.retryAfter, nowMs);
  return { kind: 'retry', why, ...(afterMs !== undefined && { afterMs }) };
}
