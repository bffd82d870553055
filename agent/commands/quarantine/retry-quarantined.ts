import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { retry } from '../../relay/retry.ts';
import { stopSignal } from '../stop-signal.ts';
import { printRetried } from './retry-report.ts';
import { openRetry } from './retry-session.ts';
import { type QuarantineFilters, recordsNamed, selectQuarantined } from './select-quarantined.ts';

interface RetryArguments extends QuarantineFilters, ScreenWishes {
  readonly ids: readonly string[];
  readonly all: boolean;
  readonly to?: string | undefined;
  readonly timeout: number;
}

/** Sends quarantined records again. It works beside a running agent: the files take lines from both. */
export async function retryQuarantined(argv: RetryArguments): Promise<ExitCode> {
  refuseVague(argv);
  const { config, records: found } = await selectQuarantined(argv);
  const records = argv.ids.length > 0 ? recordsNamed(argv.ids, found) : found;
  const interrupted = stopSignal();
  const timeout = AbortSignal.timeout(argv.timeout * 1_000);
  await using session = await openRetry(config, records, argv.to);
  const retried = await retry(session, AbortSignal.any([interrupted, timeout]));
  printRetried(retried, screenFor(argv, process.env, process.stdout), systemClock.now());
  if (retried.every(({ result }) => result === 'released')) return EXIT.done;
  if (interrupted.aborted) return EXIT.interrupted;
  if (session.isBlocked()) return EXIT.unhealthy;
  return timeout.aborted ? EXIT.timeout : EXIT.partly;
}

/** Nobody sends everything by forgetting a word. */
function refuseVague({ ids, all, dest, account, since, customer, timeout }: RetryArguments): void {
  if (!(timeout > 0)) throw misuse('--timeout is not above 0', 'Give a number above 0.');
  const filters = [dest, account, since, customer].filter((each) => each !== undefined);
  if (ids.length > 0 || all || filters.length > 0) return;
  throw misuse(
    'Say which records are to be sent again',
    'Name their ids (guardrelay quarantine list), or --dest, --account or --since, or --all.',
  );
}

function misuse(message: string, fix: string): GuardrelayError {
  return new GuardrelayError('CLI-001', message, { exitCode: EXIT.usage, fix });
}
