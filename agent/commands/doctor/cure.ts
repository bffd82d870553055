import type { AwsClients } from '../../aws/clients.ts';
import { findRegion, homeRegion, type Partition } from '../../aws/regions.ts';
import { explainCallError } from '../../deploy/call-error.ts';
import { onceEach } from '../../deploy/checks/once.ts';
import { applyRemedy, type Hand, type Remedy } from '../../deploy/checks/remedy.ts';
import { mapBounded } from '../../discover/bounded.ts';
import { callerAccount, deployerScope } from '../deploy/deployer.ts';
import type { CheckRow, Examination } from './rows.ts';

/** One remedy of one failed check, and what became of it. */
export interface Cure {
  readonly row: CheckRow;
  readonly remedy: Remedy;
  readonly outcome: Outcome;
}

type Outcome =
  | { readonly kind: 'applied' }
  /** AWS's answer. */
  | { readonly kind: 'refused'; readonly text: string }
  /** Nobody agreed. */
  | { readonly kind: 'declined' }
  /** One before it was not applied. */
  | { readonly kind: 'untouched' }
  /** The credentials belong to another account. */
  | { readonly kind: 'elsewhere'; readonly caller: string };

/** What is to be done in one or many places, agreed to at once. */
export interface Proposal {
  readonly description: string;
  readonly caution?: string;
  readonly steps: readonly Step[];
}

interface Step {
  readonly row: CheckRow;
  readonly remedy: Remedy;
}

export interface CureOptions {
  readonly clients: AwsClients;
  readonly profile: string | undefined;
  readonly signal: AbortSignal;
  /** Asks a person, or knows the answer. */
  agree(proposal: Proposal): Promise<boolean>;
}

const AT_ONCE = 8;

/** What could be cured, the same in many places together, what is safe first. */
export function proposals({ rows }: Examination): readonly Proposal[] {
  const steps = rows.flatMap((row): readonly Step[] => {
    const remedies = 'remedies' in row.result ? (row.result.remedies ?? []) : [];
    return remedies.map((remedy) => ({ row, remedy }));
  });
  const alike = Map.groupBy(steps, ({ remedy: { description, caution } }) =>
    JSON.stringify([description, caution]),
  );
  const all = [...alike.values()].flatMap((same): readonly Proposal[] => {
    const [first] = same;
    if (!first) return [];
    const { description, caution } = first.remedy;
    return [{ description, steps: same, ...(caution === undefined ? {} : { caution }) }];
  });
  return all.toSorted(
    (one, other) => Number(one.caution !== undefined) - Number(other.caution !== undefined),
  );
}

/** Proposes one thing after the other, and does what is agreed to with the deployer's credentials. */
export async function cure(all: readonly Proposal[], options: CureOptions): Promise<readonly Cure[]> {
  const callerOf = onceEach((partition: Partition) => askCaller(partition, options));
  const cures: Cure[] = [];
  for (const proposal of all) {
    if (options.signal.aborted) break;
    const judged = await Promise.all(
      proposal.steps.map(async (step) => ({ ...step, outcome: await obstacleTo(step, cures, callerOf) })),
    );
    const ready = judged.filter(({ outcome }) => outcome === undefined);
    cures.push(...judged.flatMap(({ outcome, ...step }) => (outcome ? [{ ...step, outcome }] : [])));
    if (ready.length > 0) cures.push(...(await carryOut({ ...proposal, steps: ready }, options)));
  }
  return cures;
}

/** Undefined: nothing stands in the way. */
async function obstacleTo(
  { row, remedy }: Step,
  earlier: readonly Cure[],
  callerOf: (partition: Partition) => Promise<string>,
): Promise<Outcome | undefined> {
  const caller = await callerOf(partitionOf(remedy));
  if (caller !== remedy.place.account) return { kind: 'elsewhere', caller };
  const isStopped = earlier.some((each) => each.row === row && each.outcome.kind !== 'applied');
  return isStopped ? { kind: 'untouched' } : undefined;
}

async function carryOut(proposal: Proposal, options: CureOptions): Promise<readonly Cure[]> {
  const { steps } = proposal;
  if (!(await options.agree(proposal))) {
    return steps.map(({ row, remedy }) => ({ row, remedy, outcome: { kind: 'declined' } }));
  }
  return mapBounded(steps, AT_ONCE, async ({ row, remedy }): Promise<Cure> => {
    const done = await applyRemedy(remedy, handOf(remedy, options));
    const outcome: Outcome = done.kind === 'failed' ? { kind: 'refused', text: done.failure.text } : done;
    return { row, remedy, outcome };
  });
}

async function askCaller(partition: Partition, { clients, profile, signal }: CureOptions): Promise<string> {
  const scope = deployerScope(partition, profile);
  try {
    return await callerAccount(clients.sts(scope, homeRegion(partition)), signal);
  } catch (error) {
    throw explainCallError(error, 'asking to whom the credentials for --fix belong');
  }
}

function handOf(remedy: Remedy, { clients, profile, signal }: CureOptions): Hand {
  return { clients, scope: deployerScope(partitionOf(remedy), profile), signal };
}

function partitionOf({ place }: Remedy): Partition {
  return findRegion(place.region)?.partition ?? 'aws';
}
