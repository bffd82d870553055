import type { AwsClients } from '../../aws/clients.ts';
import type { Quota } from '../../aws/quota.ts';
import type { ResolvedCustomer } from '../../config/config.ts';

import { TAG } from '../../deploy/blueprint.ts';
import { unanswered } from '../../deploy/checks/check.ts';
import { expectedAt } from '../../deploy/checks/expected.ts';
import { loadRulePatterns } from '../../deploy/checks/patterns.ts';
import { createPlaceCalls } from '../../deploy/checks/place-calls.ts';
import { collectorBlueprint } from '../../deploy/customer-request.ts';
import { mapBounded } from '../../discover/bounded.ts';
import { scopeOf } from '../../discover/customer.ts';
import type { ObservedSource } from '../../health/overview.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { Source } from '../../model/source.ts';
import type { Release, StackFacts } from '../../model/stack-facts.ts';
import { aborted } from '../../model/timer.ts';
import { discoverCustomer } from '../../relay/discover-customer.ts';

interface StackParts {
  readonly customers: readonly ResolvedCustomer[];
  observed(): readonly ObservedSource[];
  readonly clients: AwsClients;
  readonly quota: Quota;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What stands in the regions. */
export interface StackLook {
  /** For somebody who looks: what is older than an hour is being asked for. */
  known(): readonly StackFacts[];
  /** What is known; asks for nothing. */
  latest(): readonly StackFacts[];
  /** Asks once a day, until `stop`. */
  readonly watch: { run(stop: AbortSignal): Promise<void> };
  /** Ends what is under way. */
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
const FRESH_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * FRESH_MS;
/** An agent that has just started has more urgent calls to make. */
const FIRST_LOOK_MS = 15 * MINUTE_MS;
const AT_ONCE = 4;
const ASKED: Pick<StackFacts, 'hindrance'> = { hindrance: 'it is being asked for' };

type Seen = Pick<StackFacts, 'expected' | 'seen' | 'seenAt' | 'hindrance'>;

/** One call for each region, with the reader role's rights of doctor: once a day, or hourly while somebody looks. */
export function createStackLook(parts: StackParts): StackLook {
  const { customers, observed, clock, logger } = parts;
  const found = new Map<string, Seen & { readonly at: number }>();
  const closing = new AbortController();
  const { signal } = closing;
  let looking: Promise<void> | undefined;

  async function look(freshMs: number): Promise<void> {
    const stale = observed().filter((source) => {
      const seen = found.get(keyOf(source));
      return !seen || clock.monotonic() - seen.at >= freshMs;
    });
    await mapBounded(stale, AT_ONCE, async (source) => {
      const customer = customers.find(({ id }) => id === source.customer);
      if (!customer || customer.stack.mode === 'existing' || signal.aborted) return;
      const seen = await seenAt(source, customer, { ...parts, signal });
      found.set(keyOf(source), { ...seen, at: clock.monotonic() });
    });
  }

  function refresh(freshMs: number): Promise<void> {
    looking ??= look(freshMs)
      .catch((error: unknown) => {
        if (!signal.aborted) logger.warn('stacks cannot be asked for', { error: String(error) });
      })
      .finally(() => {
        looking = undefined;
      });
    return looking;
  }

  const latest = (): readonly StackFacts[] =>
    observed().flatMap((source) => factsOf(source, customers, found.get(keyOf(source))));

  return {
    latest,
    known() {
      void refresh(FRESH_MS);
      return latest();
    },
    watch: {
      async run(stop) {
        const stopped = aborted(stop);
        await clock.sleep(FIRST_LOOK_MS, stop);
        while (!stop.aborted) {
          await Promise.race([refresh(DAY_MS), stopped]);
          await clock.sleep(FRESH_MS, stop);
        }
      },
    },
    async close() {
      closing.abort();
      await looking;
    },
  };
}

function keyOf({ customer, account, region }: ObservedSource): string {
  return `${customer}/${account}/${region}`;
}

function factsOf(
  { customer: id, account, region }: ObservedSource,
  customers: readonly ResolvedCustomer[],
  seen: Seen = { expected: {}, ...ASKED },
): readonly StackFacts[] {
  const customer = customers.find((each) => each.id === id);
  if (!customer) return [];
  const { mode, name: stack } = customer.stack;
  const place = { customer: id, account, region, stack, mode };
  if (mode === 'existing') return [{ ...place, expected: {}, hindrance: 'others made the log group' }];
  const { expected, seen: release, seenAt: at, hindrance } = seen;
  return [{ ...place, expected, seen: release, seenAt: at, hindrance }];
}

interface AskParts extends Pick<StackParts, 'clients' | 'quota' | 'clock'> {
  readonly signal: AbortSignal;
}

/** CloudFormation gives the tags of a stack to its rules, which the reader role may read. */
async function seenAt(observed: ObservedSource, customer: ResolvedCustomer, parts: AskParts): Promise<Seen> {
  const scope = scopeOf(discoverCustomer(customer), observed.account);
  const source: Source = { ...observed, partition: scope.partition };
  const { tags: wanted } = await collectorBlueprint(customer);
  const expected = { version: wanted[TAG.version], configHash: wanted[TAG.configHash] };
  const [rule] = expectedAt(source, customer, await loadRulePatterns(customer.collect)).rules;
  const calls = createPlaceCalls({
    ...{ ...parts, scope, source, logs: source, isHeartbeat: () => false },
    pace: parts.quota.paceOf(source, customer.poll.quotaShare),
  });
  const answer = await calls.ruleTags(rule?.arn ?? '');
  switch (answer.kind) {
    case 'failed':
      return { expected, hindrance: unanswered(answer, answer.right).why };
    case 'missing':
      return { expected, hindrance: `rule ${rule?.name} does not exist` };
    case 'tags':
      return { expected, seen: releaseOf(answer.tags), seenAt: parts.clock.now() };
  }
}

function releaseOf(tags: ReadonlyMap<string, string>): Release {
  return { version: tags.get(TAG.version), configHash: tags.get(TAG.configHash) };
}
