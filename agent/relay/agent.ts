import type { Quota } from '../aws/quota.ts';
import type { CheckpointStore, SourceSpec } from '../checkpoint/store.ts';
import type { Config, ResolvedCustomer } from '../config/config.ts';
import type { LeftOut } from '../discover/account-regions.ts';
import { discoverSources, type Origins } from '../discover/sources.ts';
import type { Meters } from '../health/meters.ts';
import type { ObservedSource } from '../health/overview.ts';
import type { Off } from '../health/states.ts';
import type { AccountDirectory } from '../model/account-names.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { RegionOff } from '../model/mute.ts';
import type { ProxyChoice } from '../model/proxy.ts';
import type { SecretReader } from '../model/secret.ts';
import { sourceKey } from '../model/source.ts';
import type { SourceFacts } from '../model/source-facts.ts';
import type { SearchIndex } from '../search/search-index.ts';
import type { Spool } from '../spool/spool.ts';
import type { ReaderMemory } from '../tail/reader.ts';
import type { ChangeWatch } from './change-watch.ts';
import { createCopies } from './copies.ts';
import type { Destination } from './destination.ts';
import { createDestination, type DestinationParts } from './destinations.ts';
import { discoverCustomer } from './discover-customer.ts';
import { healthOptions } from './health-options.ts';
import { createIndexWriter } from './index-writer.ts';
import { type LeftBehind, readLeftBehind } from './left-behind.ts';
import { createMemoryBudget } from './memory-budget.ts';
import { meteredReader } from './metered-reader.ts';
import { observe } from './observe.ts';
import { type ProofParts, proofsOf } from './proofs.ts';
import { createQuarantineWatch, type QuarantineWatch } from './quarantine-watch.ts';
import { createSourceAccess } from './source-access.ts';
import type { RunEnd, RunOptions } from './source-run.ts';
import { spooledReader } from './spooled-reader.ts';
import { type Stop, stopOn } from './stop.ts';
import { type SourceSetup, Supervisor } from './supervisor.ts';

const MAX_AGENT_BYTES = 128 * 1024 * 1024;
const MAX_RUNS = 1_000;
const IDLE_MS = 125;
const DISCOVER_EVERY_MS = 10 * 60_000;
const LIVE_WITHIN_MS = 60_000;

export interface AgentParts extends ProofParts, Pick<DestinationParts, 'tap'> {
  readonly config: Config;
  readonly quota: Quota;
  readonly store: CheckpointStore;
  readonly index: SearchIndex;
  readonly readSecret: SecretReader;
  readonly proxyFor: ProxyChoice;
  /** Read again at each lease of a source, so that it may grow meanwhile. */
  readonly accountNames?: AccountDirectory;
  readonly meters: Meters;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** The name of this process; never that of an earlier one. */
  readonly owner: string;
  /** Absent: the log groups are the only buffer. */
  readonly spool?: Spool | undefined;
  /** Who is told of changes of GuardDuty; absent: nobody. */
  readonly changes?: ChangeWatch | undefined;
  /** Of a source that is muted. */
  readonly offOf?: ((source: SourceSpec) => Off | undefined) | undefined;
  /** The store was damaged and is empty: where every source begins, instead of its `startAt`. */
  readonly resumeAt?: string | undefined;
}

/** How a run of the agent ended. */
export interface AgentReport {
  /** How each source's last lease ended. */
  readonly ends: ReadonlyMap<string, RunEnd>;
  readonly sources: readonly SourceSpec[];
  readonly leftOut: readonly LeftOut[];
}

export interface Agent {
  /** Until `stop`, or in `once` until every source is done. */
  run(stop: AbortSignal): Promise<AgentReport>;
  observed(): readonly ObservedSource[];
  readonly destinations: readonly Destination[];
  /** Records of a destination that stand in quarantine, as they were a few seconds ago; of these customers, or of all. */
  inQuarantine(destination: string, customers?: readonly string[]): number;
  /** How many copies of records a destination was spared. */
  skipped(destination: string): number;
  isAlive(): boolean;
  isReady(): boolean;
}

/** The composition root: discover, tail, normalize and ship meet here and nowhere else. */
export function createAgent(parts: AgentParts): Agent {
  return new ComposedAgent(parts);
}

class ComposedAgent implements Agent {
  readonly destinations: readonly Destination[];
  readonly #copies = createCopies();
  readonly #parts: AgentParts;
  readonly #customers: ReadonlyMap<string, ResolvedCustomer>;
  readonly #supervisor: Supervisor;
  readonly #quarantine: QuarantineWatch;
  readonly #stored = new Map<string, LeftBehind>();
  /** Of the last discovery; before the first, those that the store has enabled. */
  #known: readonly SourceSpec[] = [];
  #specs: readonly SourceSpec[] = [];
  /** Of the hubs, by source. */
  #origins: ReadonlyMap<string, Origins> = new Map();
  #off: readonly RegionOff[] = [];
  #leftOut: readonly LeftOut[] = [];
  #ready = false;
  readonly #startedAt: number;

  constructor(parts: AgentParts) {
    const { config, store, clock, random, logger, owner, meters } = parts;
    const { id: agentId, dataDir } = config.agent;
    const indexWriter = createIndexWriter(parts.index, logger);
    this.#parts = parts;
    this.#startedAt = clock.now();
    this.#customers = new Map(config.customers.map((customer) => [customer.id, customer]));
    this.destinations = config.destinations.map((options) =>
      createDestination(options, { ...parts, agentId, dataDir }),
    );
    this.#quarantine = createQuarantineWatch({
      ...{ dataDir, clock, logger, destinations: this.destinations.map(({ id }) => id) },
    });
    this.#supervisor = new Supervisor({
      ...{ store, clock, random, logger, owner },
      leaseMs: config.agent.leaseSeconds * 1_000,
      maxRuns: MAX_RUNS,
      idleMs: IDLE_MS,
      budget: createMemoryBudget(MAX_AGENT_BYTES),
      setup: (spec, reading) => this.#setup(spec, reading),
      remembered: (source) => this.#handOver(source),
      handedOut: (spec, event, records) => {
        meters.reads.handedOut(spec.customer, event);
        meters.records.handedOut(spec, records);
        parts.changes?.handedOut(records);
      },
      delivered: (delivered) => {
        meters.records.acknowledged(delivered.destination, delivered.record, delivered.at);
        indexWriter.add(delivered);
      },
      lost: ({ isDeleted }) => meters.records.dropped(isDeleted ? 'deleted' : 'expired'),
      beforeCommit() {
        indexWriter.flush();
        parts.changes?.flush();
      },
    });
  }

  async run(signal: AbortSignal): Promise<AgentReport> {
    const { once, store, clock, logger } = this.#parts;
    const stop = stopOn(signal, clock);
    await this.#rememberStored();
    await this.#discover(signal);
    this.#ready = true;
    logger.info('agent started', { sources: this.#specs.length, destinations: this.destinations.length });
    if (once) await store.wake(this.#specs.map(({ source }) => source));
    if (once) await this.#supervisor.serve(stop, () => this.#haveAllEnded());
    else await this.#serveOn(stop);
    await Promise.all(this.destinations.map(({ shipper }) => shipper.close(stop.leftMs())));
    await this.#quarantine.look();
    logger.info('agent stopped', { at: new Date(clock.now()).toISOString() });
    return { ends: this.#supervisor.ends, sources: this.#specs, leftOut: this.#leftOut };
  }

  observed(): readonly ObservedSource[] {
    const { clock, offOf } = this.#parts;
    return observe(this.#specs, {
      agentStartedAt: this.#startedAt,
      ...{ off: this.#off, now: clock.now(), ...(offOf && { offOf }) },
      optionsOf: (place) => healthOptions(this.#customer(place)),
      known: (source) => ({
        facts: this.#supervisor.memory(source)?.facts ?? this.#stored.get(source)?.facts,
        firstSeenAt: this.#stored.get(source)?.firstSeenAt,
      }),
    });
  }

  skipped(destination: string): number {
    return this.#copies.skipped(destination);
  }

  inQuarantine(destination: string, customers?: readonly string[]): number {
    return this.#quarantine.inQuarantine(destination, customers);
  }

  isAlive(): boolean {
    return this.#parts.clock.monotonic() - this.#supervisor.movedAt < LIVE_WITHIN_MS;
  }

  isReady(): boolean {
    return this.#ready && this.#supervisor.storeAnswers;
  }

  #customer({ customer }: Pick<SourceSpec, 'customer'>): ResolvedCustomer {
    const found = this.#customers.get(customer);
    if (!found) throw new Error(`the store handed out a source of an unknown customer: ${customer}`);
    return found;
  }

  async #rememberStored(): Promise<void> {
    const { store, clock } = this.#parts;
    const { enabled, sources } = await readLeftBehind(store, clock.now());
    this.#known = enabled;
    for (const [source, left] of sources) this.#stored.set(source, left);
  }

  /** The supervisor keeps the facts of a source from here on. */
  #handOver(source: string): SourceFacts | undefined {
    const stored = this.#stored.get(source);
    if (stored) this.#stored.set(source, { firstSeenAt: stored.firstSeenAt, facts: undefined });
    return stored?.facts;
  }

  async #discover(stop: AbortSignal): Promise<void> {
    const { clients, quota, store, logger } = this.#parts;
    const customers = [...this.#customers.values()].map(discoverCustomer);
    const options = { clients, quota, known: this.#known };
    const { sources, off, leftOut } = await discoverSources(customers, options, stop);
    this.#off = off;
    this.#specs = sources.map(({ origins: _, ...source }) => ({ ...source, source: sourceKey(source) }));
    this.#origins = new Map(
      sources.flatMap((source) => (source.origins ? [[sourceKey(source), source.origins]] : [])),
    );
    this.#known = this.#specs;
    this.#tellLeftOut(leftOut);
    for (const spec of this.#specs) this.#firstSeen(spec);
    const { added, disabled } = await store.sync(this.#specs);
    await store.noteRegionsOff(off);
    this.#supervisor.forget(disabled);
    for (const source of disabled) this.#stored.delete(source);
    if (added.length + disabled.length > 0) logger.info('sources changed', { added, disabled });
  }

  /** Once, and not at each discovery again. */
  #tellLeftOut(leftOut: readonly LeftOut[]): void {
    const told = new Set(this.#leftOut.map(({ reason }) => reason));
    for (const { reason, ...place } of leftOut) if (!told.has(reason)) this.#parts.logger.warn(reason, place);
    this.#leftOut = leftOut;
  }

  #firstSeen(spec: SourceSpec): void {
    if (this.#stored.has(spec.source)) return;
    this.#stored.set(spec.source, { firstSeenAt: this.#parts.clock.now(), facts: undefined });
  }

  async #serveOn(stop: Stop): Promise<void> {
    const beside = [this.#rediscover(stop.signal), this.#quarantine.run(stop.signal)];
    await this.#supervisor.serve(stop);
    await Promise.all(beside);
  }

  async #rediscover(stop: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    for (;;) {
      await clock.sleep(DISCOVER_EVERY_MS, stop);
      if (stop.aborted) return;
      this.#parts.index.prune();
      await this.#discover(stop).catch((error: unknown) => {
        if (!stop.aborted) logger.error('sources could not be discovered', { error: String(error) });
      });
    }
  }

  #haveAllEnded(): boolean {
    return this.#specs.every(({ source }) => this.#supervisor.ends.has(source));
  }

  #setup(spec: SourceSpec, memory: ReaderMemory): SourceSetup {
    const customer = this.#customer(spec);
    const { spool } = this.#parts;
    const { routes, reader, normalize } = createSourceAccess(spec, customer, { ...this.#parts, memory });
    const metered = meteredReader(reader, this.#parts.meters.reads);
    return {
      ...{ normalize, reader: spool ? spooledReader(metered, spool.of(spec.source)) : metered },
      destinations: new Map(
        this.destinations.filter(({ id }) => routes.includes(id)).map((each) => [each.id, each]),
      ),
      startAt: this.#parts.resumeAt ?? customer.collect.startAt,
      spool,
      origins: this.#origins.get(spec.source),
      copies: customer.dedupe.scope === 'customer' ? this.#copies : undefined,
      ...proofsOf(spec, customer, { ...this.#parts, regions: this.#regionsOf(spec) }),
      options: this.#runOptions(customer),
    };
  }

  /** Whose events its log group takes. */
  #regionsOf({ source, region }: SourceSpec): readonly string[] {
    return [...new Set([region, ...(this.#origins.get(source)?.regions ?? [])])];
  }

  #runOptions({ poll, late }: ResolvedCustomer): RunOptions {
    const { config, once, random } = this.#parts;
    return { poll, late, once, random, leaseMs: config.agent.leaseSeconds * 1_000 };
  }
}
