import type { GuardDutyClient } from '@aws-sdk/client-guardduty';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';

import { type AwsClients, createAwsClients } from '../../aws/clients.ts';
import type { AwsAuth, CredentialScope } from '../../aws/credential-scope.ts';
import { findRegion, homeRegion, type Partition } from '../../aws/regions.ts';
import type { Config, ResolvedCustomer } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import type { ScreenWishes } from '../../console/terminal/screen.ts';
import { explainCallError } from '../../deploy/call-error.ts';
import type { DeployContext, DeployProgress } from '../../deploy/context.ts';
import type { OrganizationSight } from '../../deploy/organization.ts';
import type { Place } from '../../deploy/places.ts';
import type { DeployMode, Target } from '../../deploy/plan.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { tellFailure } from '../failure.ts';
import { selectCustomers } from '../select-customers.ts';
import { nothingSelected, placeSelection, withAccount } from '../select-places.ts';
import { limitedSignal, stopCode } from '../stop-signal.ts';
import { readVersion } from '../version.ts';
import { createDeployProgress, type ProgressStyle } from './progress.ts';
import { surveyTargets } from './survey-targets.ts';
import { overall, tourText } from './tour-end.ts';

/** The options that deploy and destroy share. */
export interface DeployerOptions {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
  readonly pollSeconds: number;
  /** For everything; absent: as long as it takes. */
  readonly timeout?: number | undefined;
  readonly progress?: ProgressStyle | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly output?: ScreenWishes['output'];
  readonly noColor: boolean;
  readonly verbose?: number | undefined;
}

/** One customer, seen with the deployer's credentials. */
export interface Visit {
  readonly customer: ResolvedCustomer;
  readonly mode: DeployMode | 'auto';
  /** The account of these credentials. */
  readonly adminAccount: string;
  readonly targets: readonly Target[];
  /** With mode stackset-organizations. */
  readonly organization?: OrganizationSight;
  readonly context: DeployContext;
  /** A client with the deployer's own credentials. */
  guardduty(region: string): GuardDutyClient;
  /** Whether a region was chosen; absent: all were. */
  readonly selects?: (place: Place) => boolean;
}

/** What is done for each customer in turn, and what for all of them after that. */
export interface Tour {
  visit(visit: Visit): Promise<ExitCode>;
  conclude?(means: TourMeans): Promise<ExitCode>;
}

export interface TourMeans extends Pick<DeployContext, 'signal' | 'pace'> {
  readonly clients: AwsClients;
}

interface Journey extends TourMeans {
  readonly verb: string;
  readonly options: DeployerOptions;
  readonly tour: Tour;
}

const LONGEST_POLL_FACTOR = 6;

function paceOf({ pollSeconds }: DeployerOptions): DeployContext['pace'] {
  const firstMs = pollSeconds * 1000;
  return { firstMs, longestMs: firstMs * LONGEST_POLL_FACTOR };
}

/** Does something for each customer in turn. What fails for one is told, and the next has its turn. */
export function visitCustomers(
  verb: string,
  options: DeployerOptions,
  visit: (visit: Visit) => Promise<ExitCode>,
): Promise<ExitCode> {
  return tourCustomers(verb, options, { visit });
}

/** The same, with something for all of them at the end. */
export async function tourCustomers(verb: string, options: DeployerOptions, tour: Tour): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(options.config, process.env), options.customer);
  const customers = withAccount(config.customers, options.account);
  const clients = openClients(config, options);
  try {
    const signal = limitedSignal(options.timeout);
    const journey = { verb, options, clients, signal, pace: paceOf(options), tour };
    const codes = new Map<string, ExitCode>();
    for (const customer of customers) codes.set(customer.id, await visitOne(customer, journey));
    const visited = overall(codes);
    const concluded = (await tour.conclude?.(journey)) ?? EXIT.done;
    if (codes.size > 1 && !options.quiet) process.stderr.write(tourText(verb, codes));
    return visited === EXIT.done ? concluded : visited;
  } finally {
    await clients.close();
  }
}

/** Clients for one command; close them at its end. */
export function openClients(
  { agent }: Config,
  { endpointUrl }: Pick<DeployerOptions, 'endpointUrl'>,
): AwsClients {
  return createAwsClients({
    clock: systemClock,
    readSecret,
    agentId: agent.id,
    version: readVersion(),
    proxyFor: proxiesFrom(process.env),
    ...(endpointUrl !== undefined && { endpointUrl }),
  });
}

async function visitOne(customer: ResolvedCustomer, journey: Journey): Promise<ExitCode> {
  const { verb, options, signal } = journey;
  if (signal.aborted) return stopCode(signal);
  const progress = createDeployProgress(`${verb} ${customer.id}`, {
    ...options,
    usualStack: customer.stack.name,
  });
  try {
    const visit = await prepare(customer, journey, progress);
    if (visit) return timedOutOr(await journey.tour.visit(visit), signal);
    progress.note('nothing to do: stack.mode is existing, so others make the log groups');
    return EXIT.done;
  } catch (error) {
    if (signal.aborted) return stopCode(signal);
    const view = { json: options.json, verbose: (options.verbose ?? 0) > 0 };
    return tellFailure(explainCallError(error, `the ${verb} of ${customer.id}`), view);
  }
}

/** Finds out whose the credentials are and which regions are on. Undefined: there is nothing of ours. */
async function prepare(
  customer: ResolvedCustomer,
  { clients, options, signal, pace }: Journey,
  progress: DeployProgress,
): Promise<Visit | undefined> {
  const { mode, homeRegion: home } = customer.stack;
  if (mode === 'existing') return undefined;
  const partition = findRegion(home)?.partition ?? 'aws';
  const scope = deployerScope(partition, options.profile);
  const adminAccount = await callerAccount(clients.sts(scope, homeRegion(partition)), signal);
  const { assumed, ...survey } = await surveyTargets(customer, { clients, scope, adminAccount, signal });
  if (assumed.length > 0) {
    progress.note(
      `AWS's defaults are taken for accounts that do not show which regions are on: ${assumed.join(' ')}`,
    );
  }
  const context = {
    cloudformation: (region: string) => clients.cloudformation(scope, region),
    logs: (region: string) => clients.logs(scope, region),
    clock: systemClock,
    random: Math.random,
    signal,
    pace,
    progress,
  };
  const selects = placeSelection(options);
  if (selects && !survey.targets.some(selects)) throw nothingSelected(customer, options);
  return {
    ...{ customer, mode, adminAccount, context, ...survey },
    guardduty: (region: string) => clients.guardduty(scope, region),
    ...(selects && { selects }),
  };
}

function timedOutOr(code: ExitCode, signal: AbortSignal): ExitCode {
  return code === EXIT.interrupted ? stopCode(signal) : code;
}

/** The deployer's own credentials: what reads a customer's logs need not be allowed to deploy. */
export function deployerScope(partition: Partition, profile: string | undefined): CredentialScope {
  const auth: AwsAuth = profile === undefined ? { type: 'default' } : { type: 'profile', name: profile };
  return { customer: '', account: '', partition, auth };
}

/** Whose account the credentials are of. */
export async function callerAccount(sts: STSClient, signal: AbortSignal): Promise<string> {
  const { Account } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
  return Account ?? '';
}
