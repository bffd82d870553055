import type { Finder } from '../ship/finder.ts';
import { createFinder, type DestinationOptions } from '../ship/sinks/index.ts';
import { awsIdentities } from './aws-identities.ts';
import type { SinkParts } from './open-sink.ts';

/** What looks for a record in a destination; undefined: there is no way to search it. */
export function openFinder(
  options: DestinationOptions,
  { clients, ...deps }: Pick<SinkParts, 'clock' | 'readSecret' | 'proxyFor' | 'clients'>,
): Finder | undefined {
  return createFinder(options, { ...deps, awsIdentities: awsIdentities(clients) });
}
