import type { JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import type { World } from '../../world.ts';
import { isList } from '../template/references.ts';
import type { PropertyDifference } from './property-differences.ts';
import { propertyDifferences } from './property-differences.ts';
import type { ResourceDesk } from './resource-desk.ts';
import type { Stack, StackResource } from './stack.ts';

/** How a live resource compares with its template. Of a type that nobody can read there is nothing. */
export interface ResourceDrift {
  readonly resource: StackResource;
  /** `UNKNOWN`: it could not be read. */
  readonly status: 'IN_SYNC' | 'MODIFIED' | 'DELETED' | 'UNKNOWN';
  readonly actual?: JsonObject;
  readonly differences: readonly PropertyDifference[];
  readonly reason?: string;
  /** Epoch ms. */
  readonly checkedAt: number;
}

/** What a drift detection found. */
export interface StackDrift {
  readonly status: 'IN_SYNC' | 'DRIFTED' | 'UNKNOWN';
  readonly resources: readonly ResourceDrift[];
  /** When it began; epoch ms. */
  readonly checkedAt: number;
  /** Why some resource could not be read. */
  readonly reason?: string | undefined;
}

/** Reads what a stack has made and compares. Faults are scripted as calls of an operation `ReadResource`. */
export type DetectDrift = (stack: Stack) => Promise<StackDrift>;

export interface DriftDetectionOptions {
  readonly world: World;
  readonly resources: ResourceDesk;
  /** How long a detection takes, by the clock. */
  readonly stackMs: number;
  /** Ends what waits. */
  readonly signal: AbortSignal;
}

export function createDriftDetection(options: DriftDetectionOptions): DetectDrift {
  const { world, resources: desk, stackMs, signal } = options;
  return async (stack) => {
    const checkedAt = world.clock.now();
    await world.clock.sleep(stackMs, signal);
    const resources: ResourceDrift[] = [];
    for (const resource of stack.resources.values()) {
      const drift = await compare(resource, stack);
      if (drift) resources.push({ ...drift, resource, checkedAt });
    }
    const drift = { status: statusOf(resources), resources, checkedAt, reason: reasonOf(resources) };
    stack.drift = drift;
    return drift;
  };

  async function compare(resource: StackResource, stack: Stack): Promise<Comparison | undefined> {
    const { read } = desk.handlerOf(resource.planned);
    if (!read) return undefined;
    const { account, region } = stack.place;
    const site = { service: 'cloudformation', operation: 'ReadResource', account, region };
    const fault = world.faults.take(site, 'error');
    if (fault) return { status: 'UNKNOWN', differences: [], reason: fault.message };
    const live = await read(stack.place, resource.physicalId);
    if (!live) return { status: 'DELETED', differences: [] };
    const actual = withoutStackTags(live, stack);
    const differences = propertyDifferences(resource.properties, actual);
    return { status: differences.length > 0 ? 'MODIFIED' : 'IN_SYNC', actual, differences };
  }
}

type Comparison = Pick<ResourceDrift, 'status' | 'actual' | 'differences' | 'reason'>;

/** A template does not say again which tags its stack has. */
function withoutStackTags(live: JsonObject, { spec }: Stack): JsonObject {
  const { Tags } = live;
  if (!isList(Tags)) return live;
  const ofStack = new Set<unknown>(spec?.tags.map(({ Key }) => Key));
  return { ...live, Tags: Tags.filter((tag) => !isJsonObject(tag) || !ofStack.has(tag.Key)) };
}

function statusOf(resources: readonly ResourceDrift[]): StackDrift['status'] {
  const states = new Set(resources.map(({ status }) => status));
  if (states.has('MODIFIED') || states.has('DELETED')) return 'DRIFTED';
  return states.has('UNKNOWN') ? 'UNKNOWN' : 'IN_SYNC';
}

function reasonOf(resources: readonly ResourceDrift[]): string | undefined {
  const unread = resources.filter(({ status }) => status === 'UNKNOWN');
  if (unread.length === 0) return undefined;
  const names = unread.map(({ resource, reason }) => `${resource.planned.logicalId}: ${reason}`);
  return `Failed to detect drift on resource [${names.join('; ')}]`;
}
