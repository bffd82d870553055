import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { screenFor } from '../../console/terminal/screen.ts';
import { renderStatus, type StatusView } from '../../console/terminal/status-view.ts';
import { type Overview, overview } from '../../health/overview.ts';
import { NEEDS_ACTION } from '../../health/verdict.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { quarantineFolder } from '../../ship/quarantine.ts';
import { listQuarantine } from '../../ship/quarantine-list.ts';
import type { RunArguments } from '../run/run-agent.ts';
import { selectCustomers } from '../select-customers.ts';
import { stopSignal } from '../stop-signal.ts';
import { readStore } from '../store/read-store.ts';
import { storedSources } from '../store/stored-sources.ts';
import { memberLine, needyMembers } from './member-line.ts';
import { createStatusBoard, watchStatus } from './watch-status.ts';

export interface StatusArguments extends Omit<RunArguments, 'timeout' | 'endpointUrl'>, StatusView {
  readonly watch: boolean;
}

/** Reads the store, so it works beside a running agent and without one. */
export async function showStatus(argv: StatusArguments): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const look = (): Promise<Overview> => storedOverview(config, systemClock.now());
  const screen = screenFor(argv, process.env, process.stdout);
  const needy = () => needyMembers(config, systemClock.now());
  const text = (overview: Overview): string => {
    const status = renderStatus(overview, screen, systemClock.now(), argv);
    return screen.output === 'table' ? status + memberLine(needy()) : status;
  };
  if (argv.watch) {
    const show = createStatusBoard({ screen, text, stream: process.stdout, now: systemClock.now });
    return exitCodeOf(await watchStatus({ look, show, clock: systemClock, stop: stopSignal() }));
  }
  const overview = await look();
  process.stdout.write(text(overview));
  const code = exitCodeOf(overview);
  return code === EXIT.done && needy().length > 0 ? EXIT.attention : code;
}

/** What the last look of the agent, running or not, has left in the store. */
export async function storedOverview(config: Config, now: number): Promise<Overview> {
  const sources = await readStore(config.agent.dataDir, (store) => storedSources(store, config, now));
  const standing = await standingOf(config);
  return overview(sources, now, (id) => standing.get(id) ?? 0);
}

/** Records of these customers that stand in quarantine, by destination. */
async function standingOf({ agent, customers }: Config): Promise<ReadonlyMap<string, number>> {
  const { records } = await listQuarantine(quarantineFolder(agent.dataDir));
  const ids = customers.map(({ id }) => id);
  const theirs = records.filter(({ origin }) => !origin || ids.includes(origin.source.customer));
  const byDestination = Map.groupBy(theirs, ({ destination }) => destination);
  return new Map([...byDestination].map(([id, each]) => [id, each.length]));
}

function exitCodeOf({ sources, destinations }: Overview): ExitCode {
  if (sources.some(({ state }) => NEEDS_ACTION.includes(state))) return EXIT.unhealthy;
  if (destinations.some(({ state }) => state === 'blocked')) return EXIT.unhealthy;
  const unclear = sources.some(({ state }) => state === 'lagging' || state === 'unproven');
  return unclear ? EXIT.attention : EXIT.done;
}
