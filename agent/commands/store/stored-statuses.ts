import type { CheckpointStore, SourceStatus } from '../../checkpoint/store.ts';

/** What the store knows of the sources of these customers; absent means all, those that are configured no longer too. */
export async function statusesOf(
  store: Pick<CheckpointStore, 'inspect'>,
  customers: readonly string[] | undefined,
): Promise<readonly SourceStatus[]> {
  const found: SourceStatus[] = [];
  for await (const status of store.inspect()) {
    if (!customers || customers.includes(status.spec.customer)) found.push(status);
  }
  return found;
}
