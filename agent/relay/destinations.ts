import type { AwsClients } from '../aws/clients.ts';
import type { Clock } from '../model/clock.ts';
import type { Rendered } from '../model/format.ts';
import type { Logger } from '../model/logger.ts';
import type { ProxyChoice } from '../model/proxy.ts';
import type { RenderableRec } from '../model/record.ts';
import type { SecretReader } from '../model/secret.ts';
import { formatNamed } from '../normalize/formats/index.ts';
import { createQuarantine, quarantinePath } from '../ship/quarantine.ts';
import { createShipper, type ShipperOptions, type ShipperStatus } from '../ship/shipper.ts';
import { createSink, type DestinationOptions } from '../ship/sinks/index.ts';
import { awsIdentities } from './aws-identities.ts';
import { type Destination, passes } from './destination.ts';

// In memory a record in flight takes about four times its bytes.
const MAX_DESTINATION_BYTES = 32 * 1024 * 1024;

export interface DestinationParts {
  readonly agentId: string;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly readSecret: SecretReader;
  /** For destinations in AWS. */
  readonly clients?: Pick<AwsClients, 'credentials'>;
  readonly proxyFor: ProxyChoice;
  /** What becomes of refused records; absent: they go to the destination's quarantine file. */
  readonly refused?: Pick<ShipperOptions, 'quarantine' | 'lone'>;
}

/** The only place where formats and sinks meet. */
export function createDestination(options: DestinationOptions, parts: DestinationParts): Destination {
  const { dataDir, clock, random, logger } = parts;
  const { rawData } = options;
  const format = formatNamed(options.format);
  const tally = { truncated: 0, unmapped: 0 };
  const sink = createSink(options, { ...parts, render, awsIdentities: awsIdentities(parts.clients) });
  const shipper = createShipper({
    ...{ sink, clock, random, logger },
    destination: options.id,
    maxInFlightBytes: MAX_DESTINATION_BYTES,
    quarantine: createQuarantine(quarantinePath(dataDir, options.id)),
    ...parts.refused,
    onChange: changeLog(options.id, logger),
  });
  return {
    id: options.id,
    shipper,
    tally,
    wants: (record) => passes(record, options.filter ?? {}),
    encode(record) {
      const encoded = sink.encode(record);
      if (encoded.truncated) tally.truncated += 1;
      return encoded;
    },
  };

  function render(record: RenderableRec, maxBytes: number): Rendered {
    const rendered = format.render(record, maxBytes, { rawData });
    if (rendered.fellBackToRaw) tally.unmapped += 1;
    return rendered;
  }
}

/** Logs when a destination stops taking records and when it takes them again, not every try in between. */
function changeLog(destination: string, logger: Logger): (status: ShipperStatus) => void {
  let known: ShipperStatus['circuit'] = 'closed';
  return ({ circuit, error }) => {
    if (circuit === 'half-open' || circuit === known) return;
    if (circuit === 'closed') logger.info('destination takes records', { destination });
    else if (circuit === 'blocked') logger.error('destination is blocked', { destination, error });
    else if (known === 'closed') logger.warn('destination does not take records', { destination, error });
    known = circuit;
  };
}
