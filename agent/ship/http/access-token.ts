import { z } from 'zod';
import { headerValues } from '../../model/header-options.ts';
import { jsonOf } from '../../model/json.ts';
import { createMask } from '../../model/mask.ts';
import type { SinkDeps } from '../destination.ts';
import { tlsOptions } from '../tls.ts';
import { blocked, WireError } from '../wire/fault.ts';
import { type Answer, createHttpClient } from '../wire/http-client.ts';
import { outcomeOfAnswer, verdictOf } from './answer.ts';
import { type Credentials, createCredentials } from './credentials.ts';
import type { HttpOptions } from './options.ts';
import { proxyOf } from './proxy.ts';

/** A token is fetched anew so long before it ends; one that lives for a short time, when half of that is over. */
const EARLY_MS = 5 * 60_000;

/** RFC 6749 5.1. */
const tokenAnswer = z.object({
  access_token: z.string().regex(/^[\x20-\x7e]+$/),
  expires_in: z.coerce.number().positive().default(3_600),
});

interface AccessToken {
  readonly value: string;
  /** Epoch ms. */
  readonly renewAt: number;
}

/** The form that asks for a token, and which of its texts no message may repeat. */
export interface TokenRequest {
  readonly form: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

interface TokenSource {
  /** The token endpoint. */
  readonly url: URL;
  /** Made anew for each token, so that a renewed secret takes effect. */
  request(): Promise<TokenRequest>;
}

type TokenOptions = Pick<HttpOptions, 'headers' | 'proxy'>;

/** OAuth 2.0: a bearer token that is fetched when it is needed, before it ends, and once more when it is refused. */
export function createTokenCredentials(
  { url, request }: TokenSource,
  options: TokenOptions,
  deps: SinkDeps,
): Credentials {
  const { clock, readSecret } = deps;
  const proxy = proxyOf(url, { option: options.proxy, ...deps });
  const client = createHttpClient({ url, tls: tlsOptions.parse({}), connections: 1, proxy }, deps);
  const others = createCredentials({ values: headerValues(options), readSecret });
  let known: AccessToken | undefined;
  let fetching: Promise<AccessToken> | undefined;
  /** Of the last token. */
  let mask = createMask();

  async function fetchToken(signal: AbortSignal): Promise<AccessToken> {
    const { form, secrets } = await request();
    mask = createMask();
    for (const secret of secrets) mask.hide(secret);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const body = Buffer.from(new URLSearchParams(form).toString());
    const answer = await client.exchange({ headers, body }, signal);
    const token = tokenIn(answer, clock.now());
    if (!token) throw new WireError(refusal(answer));
    mask.hide(token.value);
    return token;
  }

  /** All who wait get the same token. */
  function renewToken(signal: AbortSignal): Promise<AccessToken> {
    fetching ??= fetchToken(signal).finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  function refusal(answer: Answer) {
    const means = verdictOf(answer, [200]);
    const asked = { name: client.name, nowMs: clock.now(), mask: mask.clean };
    return outcomeOfAnswer(means === 'retry' ? 'retry' : 'auth', answer, asked);
  }

  return {
    async authorize(outgoing, signal) {
      if (!known || known.renewAt <= clock.now()) known = await renewToken(signal);
      const { headers, secrets } = await others.authorize(outgoing, signal);
      const authorization = bearer(known);
      return { headers: { ...headers, authorization }, secrets: { ...secrets, authorization } };
    },
    async renew({ secrets }, signal) {
      // Others that were refused with it may have renewed it meanwhile.
      if (!known || secrets.authorization === bearer(known)) known = await renewToken(signal);
      return secrets.authorization !== bearer(known);
    },
    mask: (text) => others.mask(mask.clean(text)),
    close: (deadlineMs) => client.close(deadlineMs),
  };
}

function tokenIn({ status, text }: Answer, nowMs: number): AccessToken | undefined {
  if (status !== 200) return undefined;
  const { data: answer } = tokenAnswer.safeParse(jsonOf(text));
  if (!answer)
    throw new WireError(blocked('config', 'DST-007', 'the token endpoint answered 200 without a token'));
  const lifeMs = answer.expires_in * 1_000;
  return { value: answer.access_token, renewAt: nowMs + lifeMs - Math.min(EARLY_MS, lifeMs / 2) };
}

function bearer({ value }: AccessToken): string {
  return `Bearer ${value}`;
}
