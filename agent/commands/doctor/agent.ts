import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';

import { inspectDataDirectory } from '../../checkpoint/data-directory.ts';
import { openSqliteStore } from '../../checkpoint/sqlite-store.ts';
import { type Check, type CheckResult, runChecks } from '../../deploy/checks/check.ts';
import type { Clock } from '../../model/clock.ts';
import { GuardrelayError } from '../../model/error.ts';
import type { Agenda } from './agenda.ts';
import type { CheckRow } from './rows.ts';

/** Memory of this process. */
export interface MemoryFacts {
  /** Of the container, or else of the host. */
  readonly limitBytes: number;
  readonly freeBytes: number;
}

/** The agent of this configuration, running or not, seen from its own host. */
export interface CheckedAgent {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly memory: MemoryFacts;
}

export const AGENT_CHECKS: readonly Check<CheckedAgent>[] = [
  { code: 'AGT-001', applies: () => true, run: checkDirectory },
  { code: 'AGT-002', applies: hasStore, run: checkStore },
  { code: 'AGT-003', applies: hasStore, run: checkWriters },
  { code: 'AGT-004', applies: () => true, run: checkMemory },
];

/** The checks of the agent itself that the agenda wants. */
export function examineAgent(
  agent: CheckedAgent,
  { only, agenda }: { readonly only: readonly string[]; readonly agenda: Agenda },
): Promise<readonly CheckRow[]> {
  const due = AGENT_CHECKS.filter(({ code }) => only.includes(code) && agenda.wants(code, {}));
  return runChecks(due, agent);
}

export function memoryOfProcess(): MemoryFacts {
  const host = totalmem();
  // Without a limit it is 0, or more than there is.
  const limit = process.constrainedMemory() || host;
  return { limitBytes: Math.min(limit, host), freeBytes: process.availableMemory() };
}

const MEGABYTE = 1_000_000;
/** The largest that a single file may grow to at once, a quarantine file, and some air. */
const LEAST_FREE_MB = 300;
/** The search index alone may take twice that. */
const COMFORTABLE_FREE_MB = 1_000;

async function checkDirectory({ dataDir }: CheckedAgent): Promise<CheckResult> {
  const looked = await inspectDataDirectory(dataDir).catch(asResult);
  if ('kind' in looked) return looked;
  const freeMb = Math.floor(looked.freeBytes / MEGABYTE);
  const found = `${dataDir}${looked.exists ? '' : ' can be made, and'} has ${freeMb} MB of free space`;
  if (freeMb >= COMFORTABLE_FREE_MB) return { kind: 'passed', found };
  const fix = `Make room on the disk of ${dataDir}, or name another directory in agent.dataDir.`;
  return { kind: freeMb < LEAST_FREE_MB ? 'failed' : 'warned', code: 'AGT-001', found, fix };
}

/** Before its first start an agent has none. */
function hasStore(agent: CheckedAgent): boolean {
  return existsSync(storePath(agent));
}

function storePath({ dataDir }: CheckedAgent): string {
  return join(dataDir, 'state.db');
}

async function checkStore(agent: CheckedAgent): Promise<CheckResult> {
  const options = { path: storePath(agent), clock: agent.clock, readOnly: true, checksPages: true };
  try {
    await (await openSqliteStore(options)).close();
    return { kind: 'passed', found: 'every page of the store is sound' };
  } catch (error) {
    return asResult(error);
  }
}

async function checkWriters(agent: CheckedAgent): Promise<CheckResult> {
  const owners = await ownersNow(agent).catch(() => undefined);
  if (!owners) return { kind: 'skipped', why: 'the store cannot be opened (AGT-002)' };
  const names = [...owners].map(
    ([owner, count]) => `${owner} (${count === 1 ? '1 source' : `${count} sources`})`,
  );
  if (names.length === 0) return { kind: 'passed', found: 'no agent reads at this moment' };
  if (names.length === 1) return { kind: 'passed', found: `one agent reads: ${names[0]}` };
  return {
    kind: 'warned',
    code: 'AGT-003',
    found: `${names.length} agents read with the same data directory: ${names.join(', ')}`,
    fix: 'Stop all but one; one that was killed is gone when agent.leaseSeconds are over.',
  };
}

/** How many sources each agent holds now. */
async function ownersNow(agent: CheckedAgent): Promise<ReadonlyMap<string, number>> {
  const store = await openSqliteStore({ path: storePath(agent), clock: agent.clock, readOnly: true });
  try {
    const owners = new Map<string, number>();
    for await (const { owner } of store.inspect()) {
      if (owner !== undefined) owners.set(owner, (owners.get(owner) ?? 0) + 1);
    }
    return owners;
  } finally {
    await store.close();
  }
}

/** Measured: an agent that catches up with a backlog. docs/benchmarks.md */
const NEEDED_MB = 640;
/** One that is idle. */
const LEAST_MB = 256;

async function checkMemory({ memory }: CheckedAgent): Promise<CheckResult> {
  const limitMb = Math.floor(memory.limitBytes / MEGABYTE);
  const freeMb = Math.floor(memory.freeBytes / MEGABYTE);
  const found = `an agent may have ${limitMb} MB in all`;
  if (limitMb >= NEEDED_MB && freeMb >= LEAST_MB)
    return { kind: 'passed', found: `${found}, ${freeMb} MB are free` };
  if (limitMb < NEEDED_MB) {
    const fix = 'Give the container or the host 768 MB or more.';
    return { kind: limitMb < LEAST_MB ? 'failed' : 'warned', code: 'AGT-004', found, fix };
  }
  const fix = 'End what else uses up the memory of this host, or move the agent to another.';
  return { kind: 'warned', code: 'AGT-004', found: `only ${freeMb} MB are free of ${limitMb} MB`, fix };
}

/** Our own errors tell what to do. */
function asResult(error: unknown): CheckResult {
  if (!(error instanceof GuardrelayError)) throw error;
  return { kind: 'failed', code: error.code, found: error.message, fix: error.fix };
}
