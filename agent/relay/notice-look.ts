import type { ObservedSource } from '../health/overview.ts';
import type { AccountDirectory } from '../model/account-names.ts';
import { nextStep } from '../model/next-step.ts';
import type { Condition } from '../notify/condition.ts';
import { type Happening, KEEP_MS } from '../notify/memory.ts';
import type { Look } from '../notify/notifier.ts';
import { destinationConditions } from './destination-conditions.ts';
import { gapNotice } from './gap.ts';
import { type JudgedSource, judge, type Names, sourceConditions } from './source-conditions.ts';

interface LookParts {
  /** What is looked at. */
  readonly agent: {
    observed(): readonly ObservedSource[];
    isReady(): boolean;
    inQuarantine(destination: string): number;
  };
  readonly names: Names;
  /** Customers whose log groups others made; absent: none. */
  readonly withoutStacks?: ReadonlySet<string>;
  /** What others watch. */
  others(): readonly Condition[];
  /** Epoch ms. */
  now(): number;
}

/** Everything that the agent knows, as those see it who tell people. */
export function createLook({ agent, names, withoutStacks, others, now }: LookParts): () => Look {
  const startedAt = now();
  const gapsTold = new Map<string, number>();
  const afterMute = createMuteMemory();

  /** A source remembers its last gap for ever: what is older may have been told and forgotten. */
  function newGaps(observed: readonly ObservedSource[], at: number): readonly Happening[] {
    return observed.flatMap(({ facts: { gap }, ...source }) => {
      if (!gap || at - gap.at >= KEEP_MS || gapsTold.get(source.source) === gap.at) return [];
      gapsTold.set(source.source, gap.at);
      const customer = names.customer(source.customer);
      const command = nextStep('SRC-003', { customer: source.customer });
      const event = { ...gapNotice(gap, source, gap.at), customer, command };
      return { event, topic: `${source.customer}/source.gap/${gap.destination}` };
    });
  }

  return () => {
    const at = now();
    const observed = agent.observed().filter(({ off }) => off?.kind !== 'region');
    const sources = observed.map((each) => judge(each, at));
    const seen = sourceConditions(sources, { names, withoutStacks, now: at, startedAt });
    const lasting = afterMute(sources, seen.conditions);
    const beyond = destinationConditions(sources, {
      ...{ names, now: at },
      inQuarantine: (destination) => agent.inQuarantine(destination),
    });
    return {
      sources: sources.length,
      happenings: newGaps(observed, at),
      observation: {
        at,
        conditions: [...lasting, ...beyond.conditions, ...others()],
        unknown: new Set([...seen.unknown, ...beyond.unknown]),
        isComplete: agent.isReady(),
      },
    };
  };
}

type AfterMute = (sources: readonly JudgedSource[], conditions: readonly Condition[]) => readonly Condition[];

/** What is still wrong when a mute ends is told as one message for each customer, whatever the causes. */
function createMuteMemory(): AfterMute {
  const muted = new Set<string>();
  return (sources, conditions) => {
    const broken = new Set(conditions.map(({ subject }) => subject));
    for (const { source, health } of sources) {
      if (health.underlying !== undefined) muted.add(source);
      else if (!broken.has(source)) muted.delete(source);
    }
    return conditions.map((condition) => {
      const { subject, customers } = condition;
      return muted.has(subject)
        ? { ...condition, cause: `${customers[0]?.id}/after-maintenance` }
        : condition;
    });
  };
}

interface NamedCustomer {
  readonly id: string;
  readonly name?: string;
}

/** By the configuration, and what is known of accounts. */
export function namesOf(customers: readonly NamedCustomer[], accounts: AccountDirectory = new Map()): Names {
  const known = new Map(
    customers.map(({ id, name }) => [id, name === undefined ? { id } : { id, name }] as const),
  );
  return {
    customer: (id) => known.get(id) ?? { id },
    account(customer, id) {
      const name = accounts.get(customer)?.get(id);
      return name === undefined ? { id } : { id, name };
    },
  };
}
