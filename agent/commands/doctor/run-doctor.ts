import { type AwsClients, createAwsClients } from '../../aws/clients.ts';
import type { Config, ResolvedCustomer } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import { barColumns } from '../../console/terminal/progress.ts';
import { type Screen, type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { type ErrorCode, EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { routesTo } from '../../relay/routes.ts';
import { selectCustomers } from '../select-customers.ts';
import { stopSignal } from '../stop-signal.ts';
import { readVersion } from '../version.ts';
import { createLineBoard, createScreenBoard, timeText } from './board.ts';
import { groupOf, selectChecks } from './catalog.ts';
import { curesText } from './cure-text.ts';
import { exitCodeOf, isSettled } from './exit.ts';
import { type FinishedCure, fix } from './fix.ts';
import { createTally, SILENT_TALLY } from './progress.ts';
import { printExamination } from './report.ts';
import type { Examination } from './rows.ts';
import { type SurveyOptions, survey, unlessStopped } from './survey.ts';
import { doctorText, verdict } from './text.ts';
import { watch } from './watch.ts';

interface DoctorArguments extends ScreenWishes {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly only?: readonly string[] | undefined;
  readonly strict: boolean;
  readonly send: boolean;
  readonly fix: boolean;
  readonly yes: boolean;
  readonly profile?: string | undefined;
  readonly watch: boolean;
  readonly interval: number;
  readonly quiet: boolean;
  readonly endpointUrl?: string | undefined;
}

/** Asks about everything that the way of an event needs; changes nothing but with --fix. */
export async function showExamination(argv: DoctorArguments): Promise<ExitCode> {
  if (argv.fix && argv.watch) {
    throw new GuardrelayError('CLI-001', '--fix and --watch exclude each other.', {
      exitCode: EXIT.usage,
      fix: 'Repair first, then watch.',
    });
  }
  const options = await surveyOptions(argv);
  const screen = screenFor(argv, process.env, process.stdout);
  return argv.watch ? watchAll(argv, options, screen) : lookOnce(argv, options, screen);
}

async function lookOnce(argv: DoctorArguments, options: SurveyOptions, screen: Screen): Promise<ExitCode> {
  const { clock, signal } = options;
  const begunAt = clock.monotonic();
  const print = (examination: Examination, cures?: readonly FinishedCure[]): ExitCode => {
    const exitCode = exitCodeOf(examination, argv.strict);
    const tookMs = clock.monotonic() - begunAt;
    const view = { now: clock.now(), tookMs, screen, exitCode };
    printExamination(examination, cures === undefined ? view : { ...view, cures });
    return exitCode;
  };
  const seen = await unlessStopped(() => survey(options), signal);
  if (!seen) return EXIT.interrupted;
  if (!argv.fix) return print(seen);
  // Whoever is asked has to see first what is wrong.
  const isTable = screen.output === 'table';
  if (isTable) print(seen);
  const { profile, yes } = argv;
  const fixed = await fix(seen, { survey: options, profile, yes, width: screen.width });
  (isTable ? process.stdout : process.stderr).write(`\n${curesText(fixed.cures, screen.width)}\n`);
  if (signal.aborted) return EXIT.interrupted;
  if (!isTable) return print(fixed.examination, fixed.cures);
  const exitCode = exitCodeOf(fixed.examination, argv.strict);
  process.stdout.write(`${verdict(fixed.examination, { exitCode })}\n`);
  return exitCode;
}

async function watchAll(argv: DoctorArguments, options: SurveyOptions, screen: Screen): Promise<ExitCode> {
  const { clock, signal } = options;
  const { strict, interval } = argv;
  const isDrawn = screen.output === 'table' && barColumns(process.stdout, process.env) !== undefined;
  const board = isDrawn ? createScreenBoard(process.stdout) : createLineBoard(process.stderr, clock);
  const startedAt = clock.monotonic();
  const seen = await watch({
    survey: { ...options, tally: isDrawn ? SILENT_TALLY : options.tally },
    intervalMs: interval * 1_000,
    isSettled: (examination) => isSettled(examination, strict),
    show({ examination, news }) {
      const isOver = isSettled(examination, strict);
      const view = { ...screen, ...(isOver ? { exitCode: EXIT.done } : {}) };
      const waiting = `\n${timeText(clock.now())}  looks again every ${interval} s; Ctrl-C ends\n`;
      board.show(doctorText(examination, view) + (isOver ? '' : waiting), news);
    },
  });
  if (!seen) return EXIT.interrupted;
  const exitCode = exitCodeOf(seen, strict);
  const tookMs = clock.monotonic() - startedAt;
  if (!isDrawn) printExamination(seen, { now: clock.now(), tookMs, screen, exitCode });
  return signal.aborted ? EXIT.interrupted : exitCode;
}

type SurveyWishes = Pick<
  DoctorArguments,
  'config' | 'customer' | 'account' | 'region' | 'only' | 'send' | 'quiet' | 'endpointUrl'
>;

/** Where the arguments say to look, and with what. */
export async function surveyOptions(argv: SurveyWishes): Promise<SurveyOptions> {
  const { region = '*', quiet, send, endpointUrl } = argv;
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const customers = selectAccount(config.customers, argv.account);
  return {
    config: { ...config, customers, destinations: destinationsOf(config) },
    only: dueChecks(argv),
    sendsRecord: send,
    clock: systemClock,
    signal: stopSignal(),
    tally: quiet ? SILENT_TALLY : createTally(process.stderr, systemClock, process.env),
    isChosen: (name) => routesTo([{ id: '', regions: [region] }], name).length > 0,
    openClients: () => openClients(config, endpointUrl),
  };
}

function openClients({ agent }: Config, endpointUrl: string | undefined): AwsClients {
  return createAwsClients({
    ...{ clock: systemClock, readSecret, agentId: agent.id, version: readVersion() },
    proxyFor: proxiesFrom(process.env),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  });
}

/** Whoever names an account or a region does not ask about the agent and its destinations. */
function dueChecks({ only, account, region, send }: SurveyWishes): readonly ErrorCode[] {
  const chosen = selectChecks(only);
  if (only?.includes('DST-005') && !send) {
    throw new GuardrelayError('CLI-001', 'DST-005 cannot be known without a record that is sent.', {
      exitCode: EXIT.usage,
      fix: 'Add --send: a record of type destination.test then stands in the SIEM.',
    });
  }
  const isNarrow = only === undefined && (account !== undefined || region !== undefined);
  return isNarrow ? chosen.filter((code) => !['AGT', 'CFG', 'DST'].includes(groupOf(code))) : chosen;
}

/** Those to which the chosen customers send. */
function destinationsOf({ customers, destinations }: Config): Config['destinations'] {
  const named = new Set(customers.flatMap((customer) => customer.destinations.map(({ id }) => id)));
  return destinations.filter(({ id }) => named.has(id));
}

function selectAccount(
  customers: readonly ResolvedCustomer[],
  account: string | undefined,
): readonly ResolvedCustomer[] {
  if (account === undefined) return customers;
  const chosen = customers.flatMap((customer) => {
    const collect = customer.accounts.collect.filter((id) => id === account.replaceAll('-', ''));
    return collect.length === 0 ? [] : [{ ...customer, accounts: { ...customer.accounts, collect } }];
  });
  if (chosen.length > 0) return chosen;
  const known = customers.flatMap(({ accounts }) => accounts.collect);
  throw new GuardrelayError('CLI-001', `The configuration has no account "${account}" to read.`, {
    exitCode: EXIT.usage,
    fix: `Name one of: ${known.join(', ')}`,
  });
}
