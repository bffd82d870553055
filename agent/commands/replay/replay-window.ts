import { loadConfig } from '../../config/load.ts';
import { screenFor } from '../../console/terminal/screen.ts';
import type { LeftOut } from '../../discover/account-regions.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import type { Destination } from '../../relay/destination.ts';
import { type Replayed, replay } from '../../relay/replay.ts';
import type { ReplayWindow } from '../../relay/replay-read.ts';
import { instantOf } from '../instant.ts';
import type { RunArguments } from '../run/run-agent.ts';
import { selectCustomers } from '../select-customers.ts';
import { selectDestination } from '../select-destination.ts';
import { openOneOff } from '../session/one-off-session.ts';
import { stopSignal } from '../stop-signal.ts';
import { printReplay } from './report.ts';

interface ReplayArguments extends Omit<RunArguments, 'timeout'> {
  readonly from: string;
  readonly to: string;
  readonly dest?: string | undefined;
  readonly dryRun: boolean;
  readonly rate?: number | undefined;
  readonly timeout?: number | undefined;
}

/** What a replay did, and what kept it from doing more. */
export interface ReplayReport {
  readonly window: ReplayWindow;
  readonly dryRun: boolean;
  readonly sources: readonly Replayed[];
  readonly leftOut: readonly LeftOut[];
  readonly destinations: readonly Destination[];
}

/** Ships a window again, beside a running agent or without one: it opens neither store nor index. */
export async function replayWindow(argv: ReplayArguments): Promise<ExitCode> {
  const window = windowOf(argv);
  const loaded = await loadConfig(argv.config, process.env);
  const config = selectDestination(selectCustomers(loaded, argv.customer), argv.dest);
  const interrupted = stopSignal();
  const timeout = argv.timeout === undefined ? undefined : AbortSignal.timeout(argv.timeout * 1_000);
  const stop = timeout ? AbortSignal.any([interrupted, timeout]) : interrupted;
  await using session = await openOneOff(config, argv.endpointUrl);
  const found = await session.discover(stop);
  const { dryRun, rate: recordsPerSecond } = argv;
  const parts = { ...session, ...config, ...found, random: Math.random };
  const { destinations } = session;
  const sources = await replay({ ...parts, destinations, window, dryRun, recordsPerSecond }, stop);
  const report = { window, dryRun, sources, leftOut: found.leftOut, destinations };
  printReplay(report, screenFor(argv, process.env, process.stdout), session.clock.now());
  return interrupted.aborted ? EXIT.interrupted : exitCodeOf(report, timeout?.aborted === true);
}

function windowOf({ from, to, rate, timeout }: ReplayArguments): ReplayWindow {
  const now = systemClock.now();
  const window = { from: instantOf('from', from, now), to: instantOf('to', to, now) };
  if (window.from > window.to) throw misuse('--from is later than --to', 'Give the earlier time to --from.');
  for (const [name, value] of Object.entries({ rate, timeout })) {
    if (value !== undefined && !(value > 0))
      throw misuse(`--${name} is not above 0`, 'Give a number above 0.');
  }
  return window;
}

function misuse(message: string, fix: string): GuardrelayError {
  return new GuardrelayError('CLI-001', message, { exitCode: EXIT.usage, fix });
}

function exitCodeOf({ sources, leftOut, destinations, dryRun }: ReplayReport, timedOut: boolean): ExitCode {
  const isDone = ({ isComplete, dispatched }: Replayed): boolean =>
    isComplete && (dryRun || dispatched.values().every(({ undelivered }) => undelivered === 0));
  if (sources.every(isDone) && !leftOut.some(({ isGuess }) => isGuess)) return EXIT.done;
  if (destinations.some(({ shipper }) => shipper.status().circuit === 'blocked')) return EXIT.unhealthy;
  return timedOut ? EXIT.timeout : EXIT.partly;
}
