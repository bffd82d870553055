import type { DestinationFacts } from '../../console/agent-view.ts';
import type { Destination } from '../../relay/destination.ts';
import type { DestinationOptions } from '../../ship/sinks/index.ts';

/** What is configured of each destination, and what its shipper counts. */
export function destinationFacts(
  configured: readonly DestinationOptions[],
  running: readonly Destination[],
): readonly DestinationFacts[] {
  return configured.flatMap(({ id, type, format }) => {
    const status = running.find((each) => each.id === id)?.shipper.status();
    if (!status) return [];
    const { queuedRecords, queuedBytes, delivered, retries } = status;
    return [{ id, type, format, queuedRecords, queuedBytes, delivered, retries }];
  });
}
