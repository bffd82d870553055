import type { Outcome } from '../../model/outcome.ts';
import type { Finder, FinderDeps, Sighting } from '../finder.ts';
import type { TlsOptions } from '../tls.ts';
import { outcomeOf } from '../wire/fault.ts';
import { type Answer, createHttpClient } from '../wire/http-client.ts';
import { outcomeOfAnswer, verdictOf } from './answer.ts';
import type { Authorized, Credentials } from './credentials.ts';
import type { HttpOptions } from './options.ts';
import { proxyOf } from './proxy.ts';

/** How a SIEM is asked for one record. */
interface SearchDialect {
  readonly url: URL;
  readonly tls: TlsOptions;
  readonly proxy?: HttpOptions['proxy'] | undefined;
  readonly credentials: Credentials;
  readonly contentType: string;
  /** All that are an answer. */
  readonly successStatuses: readonly number[];
  /** The name of what is searched. */
  readonly where: string;
  query(key: string): string;
  isHit(answer: Answer): boolean;
}

/** Looks for records by one POST each. */
export function createHttpFinder(dialect: SearchDialect, deps: FinderDeps): Finder {
  const { url, tls, credentials, where, successStatuses } = dialect;
  const proxy = proxyOf(url, { option: dialect.proxy, ...deps });
  const client = createHttpClient({ url, tls, connections: 1, proxy }, deps);
  const { name } = client;

  async function post(key: string, signal: AbortSignal) {
    const body = Buffer.from(dialect.query(key));
    const headers = { 'content-type': dialect.contentType };
    const request = { method: 'POST', url, batchId: key, body: () => body, wire: body, headers };
    const authorized = await credentials.authorize(request, signal);
    const answer = await client.exchange({ headers: { ...headers, ...authorized.headers }, body }, signal);
    return { answer, authorized };
  }

  /** Secrets may have been changed since they were read. */
  async function ask(key: string, signal: AbortSignal): Promise<Answer> {
    const { answer, authorized } = await post(key, signal);
    return (await isRenewed(answer, authorized, signal)) ? (await post(key, signal)).answer : answer;
  }

  async function isRenewed(answer: Answer, used: Authorized, signal: AbortSignal): Promise<boolean> {
    return verdictOf(answer, successStatuses) === 'auth' && credentials.renew(used, signal);
  }

  function judge(answer: Answer): Sighting {
    const verdict = verdictOf(answer, successStatuses);
    if (verdict === 'success') return dialect.isHit(answer) ? { kind: 'found', where } : { kind: 'absent' };
    const asked = { name, nowMs: deps.clock.now(), mask: credentials.mask };
    return sightingOf(outcomeOfAnswer(verdict, answer, asked));
  }

  return {
    async find(key, signal) {
      try {
        return judge(await ask(key, signal));
      } catch (error) {
        return sightingOf(outcomeOf(error, name));
      }
    },
    async close(deadlineMs) {
      await Promise.all([client.close(deadlineMs), credentials.close?.(deadlineMs)]);
    },
  };
}

function sightingOf(outcome: Outcome): Sighting {
  switch (outcome.kind) {
    case 'ok':
      return { kind: 'absent' };
    case 'retry':
      return { kind: 'absent', why: outcome.why };
    case 'reject':
      return { kind: 'closed', why: outcome.why };
    case 'blocked':
      return { kind: 'closed', why: outcome.detail };
  }
}
