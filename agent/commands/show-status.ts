import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { openSqliteStore } from '../checkpoint/sqlite-store.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { screenFor } from '../console/terminal/screen.ts';
import { renderStatus } from '../console/terminal/status-view.ts';
import { type Overview, overview } from '../health/overview.ts';
import { NEEDS_ACTION } from '../health/verdict.ts';
import { systemClock } from '../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../model/error.ts';
import type { RunArguments } from './run-agent.ts';
import { selectCustomers } from './select-customers.ts';
import { storedSources } from './stored-sources.ts';

/** Reads the store, so it works beside a running agent and without one. */
export async function showStatus(argv: Omit<RunArguments, 'timeout' | 'endpointUrl'>): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const now = systemClock.now();
  const seen = overview(await readSources(config, now), now);
  process.stdout.write(renderStatus(seen, screenFor(argv, process.env, process.stdout), now));
  return exitCodeOf(seen);
}

async function readSources(config: Config, now: number) {
  const path = join(config.agent.dataDir, 'state.db');
  if (!existsSync(path)) throw neverRan(config.agent.dataDir);
  const store = await openSqliteStore({ path, clock: systemClock, readOnly: true });
  try {
    return await storedSources(store.inspect(), config, now);
  } finally {
    await store.close();
  }
}

/** No agent has run with this data directory. */
export function neverRan(dataDir: string): GuardrelayError {
  return new GuardrelayError(
    'AGT-002',
    `There is no store in ${dataDir}: no agent has run with this configuration`,
    {
      exitCode: EXIT.attention,
      fix: 'Start the agent with: guardrelay run',
    },
  );
}

function exitCodeOf({ sources, destinations }: Overview): ExitCode {
  if (sources.some(({ state }) => NEEDS_ACTION.includes(state))) return EXIT.unhealthy;
  if (destinations.some(({ state }) => state === 'blocked')) return EXIT.unhealthy;
  const unclear = sources.some(({ state }) => state === 'lagging' || state === 'unproven');
  return unclear ? EXIT.attention : EXIT.done;
}
