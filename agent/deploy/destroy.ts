import { explainCallError } from './call-error.ts';
import type { DeployContext } from './context.ts';
import type { Fleet } from './fleet.ts';
import { settle } from './fleet.ts';
import { fleetChoices, readerFleet } from './fleets.ts';
import type { Place } from './places.ts';
import type { DeployRequest } from './request.ts';
import type { InstanceResult } from './result.ts';

/** What will go: by the name of the stack or the StackSet. */
export interface Removal {
  readonly name: string;
  readonly kind: 'stack' | 'StackSet';
  readonly places: readonly Place[];
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

interface Doomed extends Removal {
  readonly fleet: Fleet;
}

/** Removes everything that guardrelay has made for a customer but the log groups, which the template retains. */
export async function destroy(
  request: DeployRequest,
  context: DeployContext,
  approve: (removals: readonly Removal[]) => Promise<boolean>,
): Promise<DestroyReport> {
  try {
    const doomed = await findDoomed(request, context);
    if (doomed.length === 0) return { kind: 'nothing' };
    if (!(await approve(doomed))) return { kind: 'declined' };
    context.progress.begin(doomed.flatMap(({ places }) => places).length);
    const results: InstanceResult[] = [];
    for (const one of doomed) results.push(...(await remove(one)));
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

async function findDoomed(request: DeployRequest, context: DeployContext): Promise<Doomed[]> {
  const reader = readerFleet(request, context);
  const candidates = [
    ...fleetChoices(request, context).map(({ mode, fleet }) => ({
      fleet,
      name: request.collector.name,
      kind: mode === 'stack' ? ('stack' as const) : ('StackSet' as const),
    })),
    ...(reader && request.reader
      ? [{ fleet: reader, name: request.reader.name, kind: 'stack' as const }]
      : []),
  ];
  const found: Doomed[] = [];
  for (const candidate of candidates) {
    const { live } = await settle(candidate.fleet);
    const places = live.instances.map(({ account, region }) => ({ account, region }));
    if (live.exists) found.push({ ...candidate, places });
  }
  return found;
}

/** The StackSet itself goes only when nothing is left in it. */
async function remove({ fleet, places }: Doomed): Promise<readonly InstanceResult[]> {
  const results = places.length > 0 ? await fleet.remove(places) : [];
  if (results.every(({ status }) => status === 'succeeded')) await fleet.dissolve();
  return results;
}
