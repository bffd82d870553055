import type { CheckpointStore } from '../../checkpoint/store.ts';
import type { Checkpoint } from '../../console/agent-view.ts';

/** How far each destination is with a source, as the store has it. */
export async function checkpointsOf(
  store: Pick<CheckpointStore, 'inspect'>,
  source: string,
): Promise<readonly Checkpoint[]> {
  for await (const { spec, saved } of store.inspect()) {
    if (spec.source === source) return saved?.positions ?? [];
  }
  return [];
}
