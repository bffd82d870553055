import { createAwsClients } from '../aws/clients.ts';
import { closest } from '../config/closest.ts';
import type { Config, ResolvedCustomer } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { proxiesFrom } from '../config/proxies.ts';
import { readSecret } from '../config/secret.ts';
import { type ScreenWishes, screenFor } from '../console/terminal/screen.ts';
import { systemClock } from '../model/clock.ts';
import { type ErrorCode, EXIT, type ExitCode, GuardrelayError } from '../model/error.ts';
import { routesTo } from '../relay/routes.ts';
import { CHECK_CODES, type Examination, examine } from './doctor-examine.ts';
import { printExamination } from './doctor-report.ts';
import { selectCustomers } from './select-customers.ts';
import { stopSignal } from './stop-signal.ts';
import { readVersion } from './version.ts';

interface DoctorArguments extends ScreenWishes {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly only?: readonly string[] | undefined;
  readonly strict: boolean;
  readonly endpointUrl?: string | undefined;
}

/** Asks AWS about everything that the way of an event needs, and changes nothing. */
export async function showExamination(argv: DoctorArguments): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const customers = selectAccount(config.customers, argv.account);
  const only = selectChecks(argv.only);
  const begunAt = systemClock.monotonic();
  const examination = await visit(customers, config, { ...argv, only });
  if (!examination) return EXIT.interrupted;
  printExamination(examination, {
    now: systemClock.now(),
    tookMs: systemClock.monotonic() - begunAt,
    screen: screenFor(argv, process.env, process.stdout),
  });
  return exitCodeOf(examination, argv.strict);
}

type VisitOptions = Pick<DoctorArguments, 'endpointUrl' | 'region'> & { readonly only: readonly ErrorCode[] };

/** Undefined: it was stopped, and so proves nothing. */
async function visit(
  customers: readonly ResolvedCustomer[],
  { agent }: Config,
  { endpointUrl, region = '*', only }: VisitOptions,
): Promise<Examination | undefined> {
  const stop = stopSignal();
  const clock = systemClock;
  const clients = createAwsClients({
    ...{ clock, readSecret, agentId: agent.id, version: readVersion() },
    proxyFor: proxiesFrom(process.env),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  });
  const isChosen = (name: string): boolean => routesTo([{ id: '', regions: [region] }], name).length > 0;
  try {
    const examination = await examine(customers, { clients, clock, only, isChosen, signal: stop });
    return stop.aborted ? undefined : examination;
  } catch (error) {
    if (stop.aborted) return undefined;
    throw error;
  } finally {
    await clients.close();
  }
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

function selectChecks(names: readonly string[] | undefined): readonly ErrorCode[] {
  if (names === undefined) return CHECK_CODES;
  return names.map((name) => {
    const code = CHECK_CODES.find((one) => one === name);
    if (code !== undefined) return code;
    const meant = closest(name, CHECK_CODES);
    const guess = meant === undefined ? '.' : `; did you mean ${meant}?`;
    throw new GuardrelayError('CLI-001', `There is no check "${name}"${guess}`, {
      exitCode: EXIT.usage,
      fix: `Name one or more of: ${CHECK_CODES.join(', ')}`,
    });
  });
}

/** A place that could not be asked about may hide anything: for --strict that is a warning. */
function exitCodeOf({ rows, leftOut }: Examination, strict: boolean): ExitCode {
  const kinds = new Set(rows.map(({ result }) => result.kind));
  if (kinds.has('failed')) return EXIT.unhealthy;
  const isUnclear = kinds.has('skipped') || kinds.has('warned') || leftOut.some(({ isGuess }) => isGuess);
  return strict && isUnclear ? EXIT.attention : EXIT.done;
}
