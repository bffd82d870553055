import { createAwsClients } from '../aws/clients.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { proxiesFrom } from '../config/proxies.ts';
import { readSecret } from '../config/secret.ts';
import { type ScreenWishes, screenFor } from '../console/terminal/screen.ts';
import { systemClock } from '../model/clock.ts';
import { EXIT, type ExitCode } from '../model/error.ts';
import { silentLogger } from '../model/logger.ts';
import { openSink } from '../relay/open-sink.ts';
import { selectDestination } from './select-destination.ts';
import { stopSignal } from './stop-signal.ts';
import { printTrials } from './trial-report.ts';
import { type Trial, tryDestination } from './try-destination.ts';
import { readVersion } from './version.ts';

interface TestArguments extends ScreenWishes {
  readonly config?: string | undefined;
  readonly ids: readonly string[];
  readonly noRecord: boolean;
  readonly timeout: number;
  readonly endpointUrl?: string | undefined;
}

/** Tries the destinations at the same time, and tells of them in order. */
export async function testDestinations(argv: TestArguments): Promise<ExitCode> {
  const config = await loadConfig(argv.config, process.env);
  const stop = stopSignal();
  const begunAt = systemClock.monotonic();
  const trials = await tryAll(config, argv, stop);
  if (stop.aborted) return EXIT.interrupted;
  printTrials(trials, {
    now: systemClock.now(),
    tookMs: systemClock.monotonic() - begunAt,
    screen: screenFor(argv, process.env, process.stdout),
  });
  const isSound = trials.every(({ steps }) => steps.every(({ result }) => result.kind !== 'failed'));
  return isSound ? EXIT.done : EXIT.unhealthy;
}

async function tryAll(config: Config, argv: TestArguments, stop: AbortSignal): Promise<readonly Trial[]> {
  const { ids, noRecord, timeout, endpointUrl } = argv;
  const { id: agentId } = config.agent;
  const common = { clock: systemClock, agentId, readSecret, proxyFor: proxiesFrom(process.env) };
  const clients = createAwsClients({
    ...common,
    version: readVersion(),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  });
  try {
    return await Promise.all(
      chosenOf(config, ids).map((options) =>
        tryDestination(options, {
          ...{ clock: systemClock, agentId, stop, sendsRecord: !noRecord, limitMs: timeout * 1_000 },
          // What goes wrong stands in the row.
          open: (each, deps) => openSink(each, { ...common, ...deps, clients, logger: silentLogger }),
        }),
      ),
    );
  } finally {
    await clients.close();
  }
}

function chosenOf(config: Config, ids: readonly string[]): Config['destinations'] {
  if (ids.length === 0) return config.destinations;
  return ids.flatMap((id) => selectDestination(config, id).destinations);
}
