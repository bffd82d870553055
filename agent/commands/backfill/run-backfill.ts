import { loadConfig } from '../../config/load.ts';
import { screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { type Backfilled, backfill } from '../../relay/backfill.ts';
import { instantOf } from '../instant.ts';
import type { RunArguments } from '../run/run-agent.ts';
import { selectCustomers } from '../select-customers.ts';
import { selectDestination } from '../select-destination.ts';
import { type OneOffSession, openOneOff } from '../session/one-off-session.ts';
import { stopSignal } from '../stop-signal.ts';
import { type BackfillReport, printBackfill } from './report.ts';

interface BackfillArguments extends RunArguments {
  readonly fromFindings: string;
  readonly dest?: string | undefined;
  readonly dryRun: boolean;
}

/** Ships the findings that GuardDuty still has, whether or not a collector was there when they were new. */
export async function runBackfill(argv: BackfillArguments): Promise<ExitCode> {
  const loaded = await loadConfig(argv.config, process.env);
  const config = selectDestination(selectCustomers(loaded, argv.customer), argv.dest);
  const updatedSince = instantOf('from-findings', argv.fromFindings, systemClock.now());
  const interrupted = stopSignal();
  const timeout = AbortSignal.timeout(argv.timeout * 1_000);
  const stop = AbortSignal.any([interrupted, timeout]);
  await using session = await openOneOff(config, argv.endpointUrl);
  const { dryRun } = argv;
  const { customers } = config;
  const found = await session.discover(stop);
  const places = await backfill({ ...session, ...found, customers, updatedSince, dryRun }, stop);
  const report = { places, leftOut: found.leftOut, dryRun, generatedAt: session.clock.now() };
  printBackfill(report, screenFor(argv, process.env, process.stdout));
  if (interrupted.aborted) return EXIT.interrupted;
  return exitCodeOf(session, report, timeout.aborted);
}

function exitCodeOf(
  { destinations }: OneOffSession,
  { places, leftOut, dryRun }: BackfillReport,
  timedOut: boolean,
): ExitCode {
  const isDone = ({ failure, dispatched }: Backfilled): boolean =>
    !failure && (dryRun || dispatched.values().every(({ undelivered }) => undelivered === 0));
  const isWhole = places.every(isDone) && !leftOut.some(({ isGuess }) => isGuess);
  if (!timedOut && isWhole) return EXIT.done;
  if (destinations.some(({ shipper }) => shipper.status().circuit === 'blocked')) return EXIT.unhealthy;
  return timedOut ? EXIT.timeout : EXIT.partly;
}
