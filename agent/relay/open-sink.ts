import type { AwsClients } from '../aws/clients.ts';
import type { Logger } from '../model/logger.ts';
import type { ProxyChoice } from '../model/proxy.ts';
import type { SecretReader } from '../model/secret.ts';
import type { Sink } from '../model/sink.ts';
import { formatNamed } from '../normalize/formats/index.ts';
import { createSink, type DestinationOptions } from '../ship/sinks/index.ts';
import type { ConnectDeps } from '../ship/wire/connect.ts';
import { awsIdentities } from './aws-identities.ts';

export interface SinkParts extends ConnectDeps {
  readonly agentId: string;
  readonly logger: Logger;
  readonly readSecret: SecretReader;
  /** For destinations in AWS. */
  readonly clients?: Pick<AwsClients, 'credentials'>;
  readonly proxyFor: ProxyChoice;
  /** The format could not map a record, so it goes out as it came. */
  onFallback?(): void;
}

/** The only place where formats and sinks meet. */
export function openSink(options: DestinationOptions, parts: SinkParts): Sink {
  const { clients, onFallback, ...deps } = parts;
  const { rawData } = options;
  const format = formatNamed(options.format);
  return createSink(options, {
    ...deps,
    awsIdentities: awsIdentities(clients),
    render(record, maxBytes) {
      const rendered = format.render(record, maxBytes, { rawData });
      if (rendered.fellBackToRaw) onFallback?.();
      return rendered;
    },
  });
}
