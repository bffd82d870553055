import type { AwsClients } from '../../aws/clients.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import { mapBounded } from '../../discover/bounded.ts';
import { silentLogger } from '../../model/logger.ts';
import { openSink } from '../../relay/open-sink.ts';
import type { DestinationOptions } from '../../ship/sinks/index.ts';
import { type Trial, type TrialOptions, tryDestination } from './try-destination.ts';

interface TrialsOptions extends Omit<TrialOptions, 'open'> {
  /** For destinations in AWS. */
  readonly clients: AwsClients;
}

const AT_ONCE = 16;

/** Tries each as this host would ship to it, with the proxies and secrets of this process. */
export function tryDestinations(
  destinations: readonly DestinationOptions[],
  { clients, ...trial }: TrialsOptions,
): Promise<readonly Trial[]> {
  const { clock, agentId } = trial;
  // What goes wrong stands in the steps.
  const parts = { clock, agentId, readSecret, clients, logger: silentLogger };
  const proxyFor = proxiesFrom(process.env);
  return mapBounded(destinations, AT_ONCE, (options) =>
    tryDestination(options, {
      ...trial,
      open: (each, deps) => openSink(each, { ...parts, ...deps, proxyFor }),
    }),
  );
}
