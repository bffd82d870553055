import type { StackInstanceSummary } from '@aws-sdk/client-cloudformation';

import { refusalText } from './call-error.ts';
import type { DeployContext } from './context.ts';
import type { DriftCheck, DriftVerdict } from './drift-check.ts';
import { toResource } from './drift-check.ts';
import type { OperationLog } from './operation.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';
import type { InstanceResult } from './result.ts';
import type { StackSetCalls } from './stack-set-calls.ts';
import { placeOf } from './stack-set-instances.ts';

/** A StackSet whose stacks are compared. */
export interface ComparedSet {
  readonly calls: Pick<StackSetCalls, 'detectDrift' | 'listDrifts' | 'listInstances'>;
  readonly log: OperationLog;
  readonly context: DeployContext;
  /** Of the operation's id. */
  readonly prefix: string;
}

/** Each asks once per drifted stack; CloudFormation allows few calls a second. */
const LISTS_AT_ONCE = 4;

/** Lets CloudFormation compare all stacks of the set, for it knows no selection; answers for these places. */
export async function detectSetDrift(
  { calls, log, context, prefix }: ComparedSet,
  places: readonly Place[],
): Promise<readonly DriftCheck[]> {
  const operation = await log.start(prefix, places, calls.detectDrift);
  const results = new Map((await log.watch(operation)).map((result) => [placeKey(result), result]));
  const instances = new Map<string, StackInstanceSummary>();
  for (const summary of await calls.listInstances()) {
    for (const place of placeOf(summary)) instances.set(placeKey(place), summary);
  }
  const waiting = places.values();
  const checks: DriftCheck[] = [];
  const work = async (): Promise<void> => {
    for (const place of waiting) {
      const key = placeKey(place);
      const evidence = {
        result: results.get(key),
        instance: instances.get(key),
        readDrifts: () => calls.listDrifts(place, operation.id),
      };
      checks.push({ ...place, ...(await verdictOf(evidence, context)) });
    }
  };
  await Promise.all(Array.from({ length: LISTS_AT_ONCE }, work));
  return checks;
}

interface Evidence {
  readonly result: InstanceResult | undefined;
  readonly instance: StackInstanceSummary | undefined;
  readDrifts(): ReturnType<StackSetCalls['listDrifts']>;
}

async function verdictOf(
  { result, instance, readDrifts }: Evidence,
  { signal, clock }: DeployContext,
): Promise<DriftVerdict> {
  if (result?.status === 'failed' || result?.status === 'cancelled') {
    return { kind: 'unknown', reason: result.reason ?? 'AWS gave no reason' };
  }
  const checkedAt = instance?.LastDriftCheckTimestamp?.getTime() ?? clock.now();
  if (instance?.DriftStatus === 'IN_SYNC') return { kind: 'in-sync', checkedAt };
  if (instance?.DriftStatus !== 'DRIFTED') {
    return { kind: 'unknown', reason: `CloudFormation says ${instance?.DriftStatus ?? 'nothing of it'}` };
  }
  try {
    return { kind: 'drifted', checkedAt, resources: (await readDrifts()).map(toResource) };
  } catch (error) {
    signal.throwIfAborted();
    const reason = refusalText(error);
    if (reason === undefined) throw error;
    return { kind: 'drifted', checkedAt, resources: [], reason };
  }
}
