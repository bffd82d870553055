import type { Bucket } from '../aws/bucket.ts';
import type { CredentialScope } from '../aws/credential-scope.ts';
import type { AwsFailure } from '../aws/failure.ts';
import type { FilterQuery, LogsReader } from '../aws/logs-reader.ts';
import type { ErrorCode } from '../model/error.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { Source } from '../model/source.ts';
import { failedCall } from './checks/auth.ts';
import type { DeployContext } from './context.ts';
import { pollUntil } from './poll.ts';
import { type Admission, admit, type GateSite, PATIENCE_LOOKS } from './proof-gate.ts';

/** A source that shall be proven: that its events reach whoever reads it as the agent does. */
export interface ProofSubject {
  readonly source: Source;
  /** Whose log group takes its events: itself, or the hub of its account. */
  readonly logs: Source;
  /** With what the agent will read it. */
  readonly scope: CredentialScope;
  /** Epoch ms by our clock: what AWS dates before it proves nothing. */
  readonly since: number;
}

export type Verdict =
  /** `by`: the kind of the event that came. */
  | { readonly kind: 'proven'; readonly by: string; readonly at: number }
  /** Nothing came while we waited; `reason`: what AWS said at last. */
  | { readonly kind: 'unseen'; readonly reason?: string }
  /** `refused`: it cannot be read as it is. `locked`: nor can anything else of the account with these credentials. */
  | {
      readonly kind: 'refused' | 'locked';
      readonly code: ErrorCode;
      readonly reason: string;
      readonly fix: string;
    };

export interface Proof {
  readonly source: Source;
  readonly verdict: Verdict;
}

export interface ProofSite extends GateSite, Pick<DeployContext, 'progress'> {
  readonly reader: LogsReader;
  /** The quota is the customer's. */
  paceOf(source: Source): Bucket;
  /** The kind of an event that only the collector of this region brings; undefined: it may be anybody's. */
  proofIn(event: LogEvent, source: Source): string | undefined;
  told(proof: Proof): void;
}

/** Waits until every source is proven, or cannot be; the signal ends the wait. */
export async function prove(subjects: readonly ProofSubject[], site: ProofSite): Promise<readonly Proof[]> {
  const verdicts = new Map<ProofSubject, Verdict>();
  const tell = (subject: ProofSubject, verdict: Verdict): void => {
    verdicts.set(subject, verdict);
    site.told({ source: subject.source, verdict });
  };
  const open = await admitAll(subjects, { site, tell });
  await watch(open, { site, tell });
  return subjects.map((subject) => ({
    source: subject.source,
    verdict: verdicts.get(subject) ?? { kind: 'unseen' },
  }));
}

interface Watch {
  readonly site: ProofSite;
  tell(subject: ProofSubject, verdict: Verdict): void;
}

/** A source while it is looked at. */
interface Watched {
  readonly subject: ProofSubject;
  /** Epoch ms by AWS's clock. */
  readonly since: number;
  refusals: number;
  lastFailure?: AwsFailure;
}

/** Asks for each account once. What is left can be read. */
async function admitAll(subjects: readonly ProofSubject[], { site, tell }: Watch): Promise<Watched[]> {
  const byAccount = Map.groupBy(subjects, ({ scope }) => JSON.stringify([scope.customer, scope.account]));
  const open = await Promise.all(
    [...byAccount.values()].map(async (own) => {
      const [first] = own;
      const admission = first && (await admit(first.scope, site));
      if (!admission) return [];
      if (admission.kind === 'open') return own.map((subject) => watched(subject, admission));
      const { code, found: reason, fix } = admission.fault;
      for (const subject of own) tell(subject, { kind: admission.kind, code, reason, fix });
      return [];
    }),
  );
  return open.flat();
}

function watched(subject: ProofSubject, { offsetMs }: Extract<Admission, { kind: 'open' }>): Watched {
  return { subject, since: subject.since + offsetMs, refusals: 0 };
}

async function watch(sources: readonly Watched[], { site, tell }: Watch): Promise<void> {
  const open = new Set(sources);
  const round = async (): Promise<true | undefined> => {
    const looks = [...open].map(async (one) => {
      const verdict = await look(one, site);
      if (!verdict) return;
      open.delete(one);
      tell(one.subject, verdict);
    });
    await Promise.all(looks);
    return open.size === 0 ? true : undefined;
  };
  try {
    await pollUntil(round, site);
  } catch (error) {
    if (!site.signal.aborted) throw error;
    for (const { subject, lastFailure } of open)
      tell(subject, { kind: 'unseen', ...(lastFailure && { reason: lastFailure.text }) });
  }
}

/** More pages in so short a time are not worth it, because the calls are the customer's. */
const MAX_PAGES = 5;

/** Undefined: not yet. */
async function look(one: Watched, site: ProofSite): Promise<Verdict | undefined> {
  const { source, logs } = one.subject;
  const { reader, signal } = site;
  let query: FilterQuery = { startTime: one.since, startFromHead: false };
  for (let page = 0; page < MAX_PAGES; page += 1) {
    await site.paceOf(logs).take(signal);
    const answer = await reader.filter(logs, query, signal);
    if (answer.kind === 'failed') return refusal(one, answer.failure, site);
    one.refusals = 0;
    delete one.lastFailure;
    for (const event of answer.events) {
      const by = site.proofIn(event, source);
      if (by !== undefined) return { kind: 'proven', by, at: event.timestamp };
    }
    if (answer.nextToken === undefined) return undefined;
    query = { ...query, nextToken: answer.nextToken };
  }
  return undefined;
}

/** What waiting does not cure. */
const FINAL: readonly AwsFailure['cause'][] = ['denied', 'region-off', 'wrong-class', 'kms', 'credentials'];

function refusal(one: Watched, failure: AwsFailure, { paceOf, signal }: ProofSite): Verdict | undefined {
  if (signal.aborted) return undefined;
  if (failure.cause === 'throttled') paceOf(one.subject.logs).throttled();
  one.lastFailure = failure;
  one.refusals = FINAL.includes(failure.cause) ? one.refusals + 1 : 0;
  if (one.refusals < PATIENCE_LOOKS) return undefined;
  const { code, found: reason, fix } = failedCall({ kind: 'failed', failure });
  return { kind: 'refused', code, reason, fix };
}
