import { createAwsClients } from '../../aws/clients.ts';
import type { Config } from '../../config/config.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';
import { silentLogger } from '../../model/logger.ts';
import type { Destination } from '../../relay/destination.ts';
import { createDestination, type DestinationParts } from '../../relay/destinations.ts';
import { normalizeOptions } from '../../relay/normalize-options.ts';
import { restore } from '../../relay/restore.ts';
import type { RetryOptions } from '../../relay/retry.ts';
import { createQuarantine, type QuarantineFile } from '../../ship/quarantine.ts';
import type { StandingRecord } from '../../ship/quarantine-list.ts';
import { readAccountNames } from '../account-names.ts';
import { readVersion } from '../version.ts';

/** What sends quarantined records again, as the configuration is now. Dispose it to close the destinations. */
export interface RetrySession extends RetryOptions, AsyncDisposable {
  isBlocked(): boolean;
}

const CLOSE_MS = 5_000;

/** `to`: the destination of all records; absent: for each the one that refused it. */
export async function openRetry(
  config: Config,
  records: readonly StandingRecord[],
  to: string | undefined,
): Promise<RetrySession> {
  const { customers } = config;
  const accountNames = await readAccountNames(customers, silentLogger);
  const readings = new Map(customers.map((each) => [each.id, normalizeOptions(each, accountNames)]));
  const proxyFor = proxiesFrom(process.env);
  const common = { clock: systemClock, agentId: config.agent.id, readSecret, proxyFor };
  const clients = createAwsClients({ ...common, version: readVersion() });
  const targets = new Set(records.map(({ destination }) => to ?? destination));
  const destinations = new Map(
    [...targets].map((id) => [id, openTarget(id, config, { ...common, clients })]),
  );
  return {
    ...{ records, clock: systemClock, note: createNotes() },
    destinationOf({ destination }) {
      const target = destinations.get(to ?? destination);
      if (!target) throw new Error(`a record of ${destination} was not among those to be sent again`);
      return target;
    },
    restore: (entry) => restore(entry, readings.get(entry.origin?.source.customer ?? '')),
    isBlocked: () => destinations.values().some(({ shipper }) => shipper.status().circuit === 'blocked'),
    async [Symbol.asyncDispose]() {
      await Promise.all(destinations.values().map(({ shipper }) => shipper.close(CLOSE_MS)));
      await clients.close();
    },
  };
}

type Common = Omit<DestinationParts, 'dataDir' | 'random' | 'logger' | 'refused'>;

/** What it refuses stands in quarantine already, so it need not be held back until another record was taken. */
function openTarget(id: string, { agent, destinations }: Config, common: Common): Destination {
  const options = destinations.find((each) => each.id === id);
  if (!options) throw notConfigured(id, destinations);
  return createDestination(options, {
    ...{ ...common, dataDir: agent.dataDir, random: Math.random },
    // Each outcome is told in its row.
    logger: silentLogger,
    refused: { lone: 'quarantine', quarantine: { write: async () => {} } },
  });
}

function notConfigured(id: string, destinations: Config['destinations']): GuardrelayError {
  const known = destinations.map((each) => each.id).join(', ');
  return new GuardrelayError('CLI-001', `The configuration has no destination "${id}"`, {
    exitCode: EXIT.usage,
    fix: `Name one with --to: ${known}`,
  });
}

/** One writer for each file, so that its lines are written in turn. */
function createNotes(): RetryOptions['note'] {
  const files = new Map<string, QuarantineFile>();

  function fileAt(path: string): QuarantineFile {
    const file = files.get(path) ?? createQuarantine(path);
    files.set(path, file);
    return file;
  }

  return async (record, retry) => {
    await Promise.all(record.files.map((path) => fileAt(path).note(retry)));
  };
}
