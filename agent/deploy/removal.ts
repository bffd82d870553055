import { blueprintTags } from './blueprint.ts';
import type { DeployContext } from './context.ts';
import type { Fleet } from './fleet.ts';
import { settle } from './fleet.ts';
import { fleetChoices, forwardingVessels, readerVessels } from './fleets.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';
import type { LiveInstance } from './plan.ts';
import type { DeployRequest } from './request.ts';
import { withoutRetention } from './template.ts';

/** What will go: by the name of the stack or the StackSet. */
export interface Removal {
  readonly name: string;
  readonly kind: 'stack' | 'StackSet';
  readonly places: readonly Place[];
  /** Others of its stacks were not chosen, and stay. */
  readonly isPart?: boolean;
  /** What else it makes than collectors. */
  readonly role?: 'reader role' | 'forwarding role';
  /** Absent: it has none. */
  readonly logGroups?: LogGroups;
  /** CloudFormation gave up on these: they leave the StackSet even if it does so again. */
  readonly stuck: readonly LiveInstance[];
}

interface LogGroups {
  readonly deleted: readonly Place[];
  /** As was wished. */
  readonly kept: readonly Place[];
  /** Against the wish: what the stacks did not make, and what a stack that cannot be changed retains. */
  readonly spared: readonly Place[];
}

/** A removal, and by what it is carried out. */
export interface Doomed extends Removal {
  readonly fleet: Fleet;
  /** Stacks that must learn first that their log group goes with them. */
  readonly retaining: readonly Place[];
}

interface Candidate extends Pick<Doomed, 'name' | 'kind' | 'fleet' | 'role'> {
  /** Absent: it makes no log groups. */
  readonly logs?: 'kept' | 'deleted';
}

/** Everything that guardrelay has made for a customer. Waits for the work of earlier runs. */
export async function findDoomed(
  request: DeployRequest,
  context: DeployContext,
  keepLogs: boolean,
): Promise<Doomed[]> {
  const found: Doomed[] = [];
  const logs = keepLogs ? 'kept' : 'deleted';
  const { selects } = request.narrowing ?? {};
  const isGoing = selects ? choice(selects) : () => true;
  for (const candidate of candidates(keepLogs ? request : forgetful(request), context, logs)) {
    const { live } = await settle(candidate.fleet);
    const going = live.instances.filter((instance) => isGoing(instance, candidate));
    if (!live.exists || (selects && going.length === 0)) continue;
    const isPart = going.length < live.instances.length;
    found.push({ ...(await doom(candidate, going, request)), isPart });
  }
  return found;
}

/** Of the collectors those that were chosen; a role only from accounts that lose all of theirs. */
function choice(selects: (place: Place) => boolean) {
  const losing = new Set<string>();
  const keeping = new Set<string>();
  return (place: Place, { role }: Candidate): boolean => {
    if (role !== undefined) return losing.has(place.account) && !keeping.has(place.account);
    const isChosen = selects(place);
    (isChosen ? losing : keeping).add(place.account);
    return isChosen;
  };
}

/** The same deployment from a template whose log groups go with their stacks. */
function forgetful(request: DeployRequest): DeployRequest {
  const template = withoutRetention(request.collector.template);
  const collector = { ...request.collector, template };
  return { ...request, collector: { ...collector, tags: blueprintTags(collector) } };
}

function candidates(
  request: DeployRequest,
  context: DeployContext,
  logs: 'kept' | 'deleted',
): readonly Candidate[] {
  const collectors = fleetChoices(request, context).flatMap(({ vessels }) => vessels);
  return [
    ...collectors.map((vessel) => ({ ...vessel, logs })),
    ...forwardingVessels(request, context).map((vessel) => ({ ...vessel, role: 'forwarding role' as const })),
    ...readerVessels(request, context).map((vessel) => ({ ...vessel, role: 'reader role' as const })),
  ];
}

async function doom(
  { logs, ...candidate }: Candidate,
  instances: readonly LiveInstance[],
  { collector }: DeployRequest,
): Promise<Doomed> {
  const places = instances.map(({ account, region }) => ({ account, region }));
  const { HubRegion: hub } = collector.parameters;
  const withGroup = places.filter(({ region }) => hub === '' || region === hub);
  const stuck = instances.filter(({ state }) => state === 'stuck');
  const common = { ...candidate, places, stuck };
  if (logs === undefined) return { ...common, retaining: [] };
  if (logs === 'kept')
    return { ...common, logGroups: { deleted: [], kept: withGroup, spared: [] }, retaining: [] };
  const logGroups = await shareLogGroups(candidate.fleet, withGroup, stuck);
  const doomed = new Set(logGroups.deleted.map(placeKey));
  const retaining = instances.filter((each) => each.state === 'outdated' && doomed.has(placeKey(each)));
  return { ...common, logGroups, retaining };
}

async function shareLogGroups(
  fleet: Fleet,
  places: readonly Place[],
  stuck: readonly Place[],
): Promise<LogGroups> {
  const spared = new Set([...stuck, ...(await fleet.adopters())].map(placeKey));
  return {
    deleted: places.filter((place) => !spared.has(placeKey(place))),
    kept: [],
    spared: places.filter((place) => spared.has(placeKey(place))),
  };
}
