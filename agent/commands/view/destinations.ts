import type { DestinationFacts } from '../../console/agent-view.ts';
import type { Destination } from '../../relay/destination.ts';
import type { DestinationOptions } from '../../ship/sinks/index.ts';

/** What is configured of each destination, and what its shipper counts. */
export function destinationFacts(
  configured: readonly DestinationOptions[],
  running: readonly Destination[],
): readonly DestinationFacts[] {
  return configured.flatMap(({ id, type, format }) => {
    const destination = running.find((each) => each.id === id);
    if (!destination) return [];
    const { queuedRecords, queuedBytes, delivered, retries } = destination.shipper.status();
    const certificateExpiresAt = destination.certificateExpiresAt?.();
    return [{ id, type, format, queuedRecords, queuedBytes, delivered, retries, certificateExpiresAt }];
  });
}
