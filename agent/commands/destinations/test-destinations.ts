import { createAwsClients } from '../../aws/clients.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { selectDestination } from '../select-destination.ts';
import { stopSignal } from '../stop-signal.ts';
import { readVersion } from '../version.ts';
import { printTrials } from './trial-report.ts';
import type { Trial } from './try-destination.ts';
import { tryDestinations } from './try-destinations.ts';

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

async function tryAll(
  config: Config,
  { ids, noRecord, timeout, endpointUrl }: TestArguments,
  stop: AbortSignal,
): Promise<readonly Trial[]> {
  const { agent } = config;
  const clock = systemClock;
  const clients = createAwsClients({
    ...{ clock, readSecret, agentId: agent.id, version: readVersion() },
    proxyFor: proxiesFrom(process.env),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  });
  try {
    const options = {
      clients,
      clock,
      agentId: agent.id,
      stop,
      sendsRecord: !noRecord,
      limitMs: timeout * 1_000,
    };
    return await tryDestinations(chosenOf(config, ids), options);
  } finally {
    await clients.close();
  }
}

function chosenOf(config: Config, ids: readonly string[]): Config['destinations'] {
  if (ids.length === 0) return config.destinations;
  return ids.flatMap((id) => selectDestination(config, id).destinations);
}
