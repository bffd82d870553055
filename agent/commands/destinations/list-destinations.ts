import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import { daysText } from '../../console/terminal/age.ts';
import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { isExpiring } from '../../health/certificates.ts';
import { overview } from '../../health/overview.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { silentLogger } from '../../model/logger.ts';
import type { Grade } from '../../model/outcome.ts';
import type { SinkPlace } from '../../model/sink.ts';
import { openSink } from '../../relay/open-sink.ts';
import type { DestinationOptions } from '../../ship/sinks/index.ts';
import { bytesText } from '../bytes-text.ts';
import { hasStore, readStore } from '../store/read-store.ts';
import { storedSources } from '../store/stored-sources.ts';

interface ListArguments extends ScreenWishes {
  readonly config?: string | undefined;
}

/** A destination as it is configured. */
interface ListedDestination {
  readonly options: DestinationOptions;
  readonly place: SinkPlace;
  /** The best that it can prove. */
  readonly grade: Grade;
  /** When the certificate ends that it showed to an agent last, epoch ms. */
  readonly certificateExpiresAt: number | undefined;
  /** How many customers ship to it. */
  readonly customers: number;
}

/** Prints every destination of the configuration, with what agents have seen of it, and calls nobody. */
export async function listDestinations(argv: ListArguments): Promise<ExitCode> {
  const config = await loadConfig(argv.config, process.env);
  const seen = await seenCertificates(config);
  const rows = await Promise.all(
    config.destinations.map(async (options) => ({
      ...(await describe(options, config)),
      certificateExpiresAt: seen.get(options.id),
    })),
  );
  const screen = screenFor(argv, process.env, process.stdout);
  process.stdout.write(renderListing(listing(rows, systemClock.now()), screen));
  return EXIT.done;
}

/** What agents have left in the store; without one nothing is known. */
async function seenCertificates(config: Config): Promise<ReadonlyMap<string, number | undefined>> {
  const { dataDir } = config.agent;
  if (!hasStore(dataDir)) return new Map();
  const now = systemClock.now();
  const sources = await readStore(dataDir, (store) => storedSources(store, config, now));
  const { destinations } = overview(sources, now);
  return new Map(destinations.map(({ id, certificateExpiresAt }) => [id, certificateExpiresAt]));
}

async function describe(
  options: DestinationOptions,
  config: Config,
): Promise<Omit<ListedDestination, 'certificateExpiresAt'>> {
  const sink = openSink(options, {
    ...{ clock: systemClock, agentId: config.agent.id, readSecret, logger: silentLogger },
    proxyFor: proxiesFrom(process.env),
  });
  const { place, caps } = sink;
  await sink.close(0);
  const routed = config.customers.filter(({ destinations }) =>
    destinations.some(({ id }) => id === options.id),
  );
  return { options, place, grade: caps.grade, customers: routed.length };
}

function listing(rows: readonly ListedDestination[], now: number): Listing<ListedDestination> {
  return {
    name: 'destinations',
    generatedAt: now,
    summary: { destinations: rows.length },
    rows,
    columns: [
      { title: 'DESTINATION', text: ({ options }) => options.id },
      { title: 'TYPE', text: ({ options }) => options.type },
      { title: 'WHERE', text: ({ place }) => place.name },
      { title: 'OVER', text: ({ place }) => place.transport },
      {
        title: 'TLS',
        text: ({ certificateExpiresAt: at }) => daysText(at, now),
        tone: ({ certificateExpiresAt: at }) => (isExpiring(at, now) ? 'warning' : undefined),
      },
      { title: 'FORMAT', text: ({ options }) => options.format },
      { title: 'GRADE', text: ({ grade }) => grade },
      { title: 'BATCH', text: ({ options }) => batchText(options), minTerminal: 110 },
      { title: 'CUSTOMERS', text: ({ customers }) => String(customers), align: 'right' },
    ],
    json: ({ options: { id, type, format, batch }, certificateExpiresAt: at, ...row }) => ({
      ...{ id, type, format, batch, ...row },
      ...(at !== undefined && { certificateExpiresAt: new Date(at).toISOString() }),
    }),
  };
}

function batchText({ batch: { maxRecords, maxBytes, maxWaitMs } }: DestinationOptions): string {
  return `${maxRecords} records, ${bytesText(maxBytes)}, ${maxWaitMs / 1_000} s`;
}
