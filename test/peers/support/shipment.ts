import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../../agent/model/clock.ts';
import type { JsonObject } from '../../../agent/model/json.ts';
import { silentLogger } from '../../../agent/model/logger.ts';
import type { RenderableRec } from '../../../agent/model/record.ts';
import { createDestination } from '../../../agent/relay/destinations.ts';
import type { Delivered } from '../../../agent/ship/shipper.ts';
import { destinationOptions } from '../../../agent/ship/sinks/index.ts';

/** What became of one record. */
interface Shipped {
  readonly record: RenderableRec;
  /** As they were handed to the sink: with the header and the frame. */
  readonly bytes: Buffer;
  readonly truncated: boolean;
  readonly kind: Delivered['kind'];
}

/** Ships records to a destination as the agent would, and waits until each is final or in quarantine. */
export async function ship(
  written: JsonObject,
  records: readonly RenderableRec[],
): Promise<readonly Shipped[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
  const destination = createDestination(destinationOptions.parse({ id: 'siem', ...written }), {
    ...{ agentId: 'peers', dataDir, clock: systemClock, random: () => 0, logger: silentLogger },
    ...{ readSecret: async () => '', proxyFor: () => undefined },
  });
  const shipped = await Promise.all(
    records.map((record) => {
      const { promise, resolve } = Promise.withResolvers<Shipped>();
      const { bytes, truncated, ...encoded } = destination.encode(record);
      const done = ({ kind }: Delivered): void => resolve({ record, bytes, truncated, kind });
      destination.shipper.submit({ record: { bytes, truncated, ...encoded }, owner: records, done });
      return promise;
    }),
  );
  await destination.shipper.close(5_000);
  await rm(dataDir, { recursive: true });
  return shipped;
}
