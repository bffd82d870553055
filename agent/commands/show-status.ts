import { loadConfig } from '../config/load.ts';
import { screenFor } from '../console/terminal/screen.ts';
import { renderStatus } from '../console/terminal/status-view.ts';
import { type Overview, overview } from '../health/overview.ts';
import { NEEDS_ACTION } from '../health/verdict.ts';
import { systemClock } from '../model/clock.ts';
import { EXIT, type ExitCode } from '../model/error.ts';
import { readStore } from './read-store.ts';
import type { RunArguments } from './run-agent.ts';
import { selectCustomers } from './select-customers.ts';
import { storedSources } from './stored-sources.ts';

/** Reads the store, so it works beside a running agent and without one. */
export async function showStatus(argv: Omit<RunArguments, 'timeout' | 'endpointUrl'>): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const now = systemClock.now();
  const sources = await readStore(config.agent.dataDir, (store) =>
    storedSources(store.inspect(), config, now),
  );
  const seen = overview(sources, now);
  process.stdout.write(renderStatus(seen, screenFor(argv, process.env, process.stdout), now));
  return exitCodeOf(seen);
}

function exitCodeOf({ sources, destinations }: Overview): ExitCode {
  if (sources.some(({ state }) => NEEDS_ACTION.includes(state))) return EXIT.unhealthy;
  if (destinations.some(({ state }) => state === 'blocked')) return EXIT.unhealthy;
  const unclear = sources.some(({ state }) => state === 'lagging' || state === 'unproven');
  return unclear ? EXIT.attention : EXIT.done;
}
