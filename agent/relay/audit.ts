import type { AwsClients } from '../aws/clients.ts';
import type { Quota } from '../aws/quota.ts';
import type { CheckpointStore, SourceStatus } from '../checkpoint/store.ts';
import type { Config } from '../config/config.ts';
import type { LeftOut } from '../discover/account-regions.ts';
import { mapBounded } from '../discover/bounded.ts';
import { discoverSources } from '../discover/sources.ts';
import type { Clock } from '../model/clock.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';
import { type Source, sourceKey } from '../model/source.ts';
import { quarantineFolder } from '../ship/quarantine.ts';
import { createQuarantineReader } from '../ship/quarantine-reader.ts';
import {
  type AuditedDestination,
  type AuditedSource,
  type AuditWindow,
  auditSource,
  type SourceAudit,
} from './audit-source.ts';
import { type Canaries, createCanaries } from './canaries.ts';
import { discoverCustomer } from './discover-customer.ts';
import { KEEP_IDS_MS } from './progress.ts';
import { createSourceAccess } from './source-access.ts';

export interface AuditParts {
  readonly config: Config;
  readonly clients: AwsClients;
  readonly quota: Quota;
  /** Is only read. */
  readonly store: Pick<CheckpointStore, 'inspect' | 'finished' | 'secret'>;
  readonly clock: Clock;
}

export interface AuditReport {
  readonly sources: readonly SourceAudit[];
  /** What is not read and why. */
  readonly leftOut: readonly LeftOut[];
}

const SOURCES_AT_ONCE = 8;

/** Reads a window of every source again, and proves of each event where it is. Beside a running agent or without. */
export async function audit(
  parts: AuditParts,
  window: AuditWindow,
  signal: AbortSignal,
): Promise<AuditReport> {
  const { config, clients, quota, store } = parts;
  const statuses = await storedStatuses(store);
  const known = [...statuses.values()].filter(({ enabled }) => enabled).map(({ spec }) => spec);
  const customers = config.customers.map(discoverCustomer);
  const { sources, leftOut } = await discoverSources(customers, { clients, quota, known }, signal);
  const canaries = createCanaries(await store.secret(), config.agent.id);
  const open = createOpen({ ...parts, canaries }, statuses);
  const audited = sources.map(open);
  for (const each of audited) refuseForgotten(each, window.from);
  const audits = await mapBounded(audited, SOURCES_AT_ONCE, (each) => auditSource(each, window, signal));
  return { sources: audits, leftOut };
}

type Statuses = ReadonlyMap<string, SourceStatus>;

async function storedStatuses(store: AuditParts['store']): Promise<Statuses> {
  const statuses = new Map<string, SourceStatus>();
  for await (const status of store.inspect()) statuses.set(status.spec.source, status);
  return statuses;
}

function createOpen(
  parts: AuditParts & { readonly canaries: Canaries },
  statuses: Statuses,
): (source: Source) => AuditedSource {
  const { config, store } = parts;
  const folder = quarantineFolder(config.agent.dataDir);
  const quarantines = new Map(config.destinations.map(({ id }) => [id, createQuarantineReader(folder, id)]));

  return (source) => {
    const customer = config.customers.find(({ id }) => id === source.customer);
    if (!customer) throw new Error(`a source belongs to an unknown customer: ${source.customer}`);
    const status = statuses.get(sourceKey(source));
    const overlapMs = customer.late.overlapMinutes * 60_000;
    const { reader, normalize, routes } = createSourceAccess(source, customer, parts);
    const destinations = config.destinations.flatMap(({ id, filter = {} }): AuditedDestination[] => {
      const quarantine = quarantines.get(id);
      if (!quarantine || !routes.includes(id)) return [];
      return [{ id, filter, quarantine, standing: standingOf(status, id, overlapMs) }];
    });
    return {
      ...{ source, reader, normalize, destinations },
      finished: async (keys) => (status ? store.finished(status, keys) : keys.map(() => 0n)),
    };
  };
}

function standingOf(
  status: SourceStatus | undefined,
  destination: string,
  overlapMs: number,
): AuditedDestination['standing'] {
  const position = status?.saved?.positions.find((each) => each.destination === destination);
  return status?.saved && position && { position, state: status.saved.state, overlapMs };
}

/** Finished ids far under every floor are forgotten, so nothing can be proved of what lies there. */
function refuseForgotten({ source, destinations }: AuditedSource, from: number): void {
  const floors = destinations.flatMap(({ standing }) => (standing ? [standing.position.floor] : []));
  const provableSince = Math.min(...floors) - KEEP_IDS_MS;
  if (floors.length === 0 || from >= provableSince) return;
  const since = new Date(provableSince).toISOString();
  throw new GuardrelayError(
    'CLI-001',
    `The window reaches back to ${new Date(from).toISOString()}, but what was delivered of ${sourceKey(source)} is known since ${since} only: finished events are forgotten after 21 days`,
    { exitCode: EXIT.usage, fix: `Begin the window later, for example: --from ${since}` },
  );
}
