import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { proxiesFrom } from '../config/proxies.ts';
import { readSecret } from '../config/secret.ts';
import { type Listing, renderListing } from '../console/terminal/listing.ts';
import { type ScreenWishes, screenFor } from '../console/terminal/screen.ts';
import { systemClock } from '../model/clock.ts';
import { EXIT, type ExitCode } from '../model/error.ts';
import { silentLogger } from '../model/logger.ts';
import type { Grade } from '../model/outcome.ts';
import type { SinkPlace } from '../model/sink.ts';
import { openSink } from '../relay/open-sink.ts';
import type { DestinationOptions } from '../ship/sinks/index.ts';
import { bytesText } from './bytes-text.ts';

interface ListArguments extends ScreenWishes {
  readonly config?: string | undefined;
}

/** A destination as it is configured. */
interface ListedDestination {
  readonly options: DestinationOptions;
  readonly place: SinkPlace;
  /** The best that it can prove. */
  readonly grade: Grade;
  /** How many customers ship to it. */
  readonly customers: number;
}

/** Prints every destination of the configuration, and calls nobody. */
export async function listDestinations(argv: ListArguments): Promise<ExitCode> {
  const config = await loadConfig(argv.config, process.env);
  const rows = await Promise.all(config.destinations.map((options) => describe(options, config)));
  const screen = screenFor(argv, process.env, process.stdout);
  process.stdout.write(renderListing(listing(rows, systemClock.now()), screen));
  return EXIT.done;
}

async function describe(options: DestinationOptions, config: Config): Promise<ListedDestination> {
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
      { title: 'FORMAT', text: ({ options }) => options.format },
      { title: 'GRADE', text: ({ grade }) => grade },
      { title: 'BATCH', text: ({ options }) => batchText(options), minTerminal: 110 },
      { title: 'CUSTOMERS', text: ({ customers }) => String(customers), align: 'right' },
    ],
    json: ({ options: { id, type, format, batch }, ...row }) => ({ id, type, format, batch, ...row }),
  };
}

function batchText({ batch: { maxRecords, maxBytes, maxWaitMs } }: DestinationOptions): string {
  return `${maxRecords} records, ${bytesText(maxBytes)}, ${maxWaitMs / 1_000} s`;
}
