import { join } from 'node:path';

import { openSqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import type { CommitItem, Lease } from '../../agent/checkpoint/store.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { type Source, sourceKey } from '../../agent/model/source.ts';
import type { SourceFacts } from '../../agent/model/source-facts.ts';

const OWNER = 'bench-filler';
const LEASE_MS = 60_000;
const CLAIM = 1_000;
const NEXT_POLL_MS = 60_000;
const DESTINATION = 'bench';

/** Fills the store of an agent as if it had read all of these until now. */
export async function storeSources(
  dataDir: string,
  sources: readonly Source[],
  factsOf: FactsOf = readNow,
): Promise<void> {
  const store = await openSqliteStore({ path: join(dataDir, 'state.db'), clock: systemClock });
  try {
    await store.sync(sources.map((source) => ({ ...source, source: sourceKey(source) })));
    for (let left = sources.length; left > 0; ) {
      const leases = await store.claim(OWNER, CLAIM, LEASE_MS);
      if (leases.length === 0) throw new Error(`the store handed out all but ${left} of its sources`);
      await store.commit(leases.map((lease) => readUntilNow(lease, factsOf)));
      left -= leases.length;
    }
  } finally {
    await store.close();
  }
}

/** What is known of a source at this time, epoch ms. */
type FactsOf = (source: Source, now: number) => SourceFacts;

function readNow(_: Source, now: number): SourceFacts {
  return { pollSeconds: 60, lastReadAt: now, lastHeartbeatAt: now, destinations: {} };
}

function readUntilNow(lease: Lease, factsOf: FactsOf): CommitItem {
  const { source } = lease;
  const now = Date.now();
  const place = { source, destination: DESTINATION, bit: 0, mode: 'joined', grade: 'accepted' } as const;
  const sweeps = [180, 1_500, 2_940, 20_160].map((windowMinutes) => ({
    windowMinutes,
    doneAt: now,
    bytes: 0,
  }));
  const state = { source, generation: now, highWater: now, lastReadAt: now, sweeps };
  const facts = factsOf(lease.spec, now);
  return {
    ...{ lease, facts, after: { kind: 'release', nextPollMs: NEXT_POLL_MS } },
    changes: [
      { kind: 'state', state },
      { kind: 'position', position: { ...place, floor: now, born: now, updatedAt: now } },
    ],
  };
}
