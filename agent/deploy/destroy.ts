import { explainCallError } from './call-error.ts';
import type { DeployContext } from './context.ts';
import { placeKey } from './places.ts';
import type { LiveInstance } from './plan.ts';
import type { Doomed, Removal } from './removal.ts';
import { findDoomed } from './removal.ts';
import type { DeployRequest } from './request.ts';
import type { InstanceResult } from './result.ts';

export interface DestroyWishes {
  /** The log groups, and all that is in them, outlive their stacks. */
  readonly keepLogs: boolean;
  /** Asked with everything that will go, before the first write. */
  approve(removals: readonly Removal[]): Promise<boolean>;
}

export type DestroyReport =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'declined' }
  | {
      readonly kind: 'done';
      readonly removals: readonly Removal[];
      readonly results: readonly InstanceResult[];
    }
  | { readonly kind: 'interrupted' };

/** Removes everything that guardrelay has made for a customer. Again: removes what is left of it. */
export async function destroy(
  request: DeployRequest,
  context: DeployContext,
  { keepLogs, approve }: DestroyWishes,
): Promise<DestroyReport> {
  try {
    const doomed = await findDoomed(request, context, keepLogs);
    if (doomed.length === 0) return { kind: 'nothing' };
    if (!(await approve(doomed))) return { kind: 'declined' };
    const results: InstanceResult[] = [];
    for (const one of doomed) results.push(...(await remove(one, context)));
    return { kind: 'done', removals: doomed, results };
  } catch (error) {
    if (context.signal.aborted) return { kind: 'interrupted' };
    throw explainCallError(
      error,
      `destroying what ${request.customer} has in account ${request.adminAccount}`,
    );
  } finally {
    context.progress.end();
  }
}

/** The StackSet itself goes only when nothing is left in it. */
async function remove(doomed: Doomed, context: DeployContext): Promise<readonly InstanceResult[]> {
  const { fleet, places, stuck, isPart = false } = doomed;
  const spared = await giveUpRetention(doomed, context);
  const left = new Set(spared.map(placeKey));
  const going = places.filter((place) => !left.has(placeKey(place)));

  context.progress.begin(going.length);
  const removed = going.length > 0 ? await fleet.remove(going) : [];
  const lost = removed.filter((result) => result.status !== 'succeeded' && stuckAt(stuck, result));
  const released = lost.length > 0 ? await fleet.release(lost) : [];
  const out = new Set(released.map(placeKey));
  const results = [...spared, ...removed.filter((result) => !out.has(placeKey(result))), ...released];
  if (!isPart && results.every(({ status }) => status === 'succeeded')) await fleet.dissolve();
  return results.map((result) => (released.includes(result) ? leftBehind(result, stuck) : result));
}

/** Answers with the stacks that still retain their log group: they stay, for another try. */
async function giveUpRetention(
  { fleet, retaining }: Doomed,
  { progress }: DeployContext,
): Promise<readonly InstanceResult[]> {
  if (retaining.length === 0) return [];
  progress.begin(retaining.length);
  progress.note('telling the stacks to take their log groups with them');
  return (await fleet.update(retaining)).filter(({ status }) => status !== 'succeeded');
}

function stuckAt(stuck: readonly LiveInstance[], result: InstanceResult): LiveInstance | undefined {
  return stuck.find((instance) => placeKey(instance) === placeKey(result));
}

/** The StackSet has let go of a stack that is still there. */
function leftBehind(result: InstanceResult, stuck: readonly LiveInstance[]): InstanceResult {
  const { stackId, reason = '' } = stuckAt(stuck, result) ?? {};
  if (result.status !== 'succeeded' || stackId === undefined) return result;
  const { account, region } = result;
  return {
    ...result,
    status: 'failed',
    reason: `${reason.replace(/\.$/, '')}; the StackSet has let go of its stack, which is still there`,
    explanation: {
      code: 'CFN-002',
      fix: `In account ${account}: aws cloudformation delete-stack --stack-name ${nameIn(stackId)} --region ${region}`,
    },
  };
}

/** `arn:…:stack/NAME/UUID` */
function nameIn(stackId: string): string {
  return stackId.split('/')[1] ?? stackId;
}
