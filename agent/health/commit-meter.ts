import { Counter, type Registry } from 'prom-client';

/** `fenced`: another agent has the source by now. `failed`: the store did not answer, and it is tried again. */
type CommitOutcome = 'ok' | 'fenced' | 'failed';

/** Counts checkpoints on their way to the store. */
export interface CommitMeter {
  committed(outcome: CommitOutcome, sources: number): void;
  addTo(registry: Registry): void;
}

const OUTCOMES: readonly CommitOutcome[] = ['ok', 'fenced', 'failed'];

export function createCommitMeter(): CommitMeter {
  const commits = new Counter({
    name: 'guardrelay_checkpoint_commits_total',
    help: 'Checkpoints that were given to the store, one for each source',
    labelNames: ['outcome'],
    registers: [],
  });
  for (const outcome of OUTCOMES) commits.inc({ outcome }, 0);

  return {
    committed: (outcome, sources) => commits.inc({ outcome }, sources),
    addTo: (registry) => registry.registerMetric(commits),
  };
}
