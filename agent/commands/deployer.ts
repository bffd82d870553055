import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';

import { type AwsClients, createAwsClients } from '../aws/clients.ts';
import type { AwsAuth, CredentialScope } from '../aws/credential-scope.ts';
import { findRegion, homeRegion, type Partition } from '../aws/regions.ts';
import type { Config, ResolvedCustomer } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { proxiesFrom } from '../config/proxies.ts';
import { readSecret } from '../config/secret.ts';
import type { ScreenWishes } from '../console/terminal/screen.ts';
import { explainCallError } from '../deploy/call-error.ts';
import type { DeployContext, DeployProgress } from '../deploy/context.ts';
import type { DeployMode, Target } from '../deploy/plan.ts';
import { findTargets } from '../deploy/targets.ts';
import { systemClock } from '../model/clock.ts';
import { EXIT, type ExitCode } from '../model/error.ts';
import { createDeployProgress } from './deploy-progress.ts';
import { tellFailure } from './failure.ts';
import { selectCustomers } from './select-customers.ts';
import { stopSignal } from './stop-signal.ts';
import { readVersion } from './version.ts';

/** The options that deploy and destroy share. */
export interface DeployerOptions {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
  readonly pollSeconds: number;
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
  readonly context: DeployContext;
}

interface Journey {
  readonly verb: string;
  readonly options: DeployerOptions;
  readonly clients: AwsClients;
  readonly signal: AbortSignal;
  visit(visit: Visit): Promise<ExitCode>;
}

const LONGEST_POLL_FACTOR = 6;

/** Does something for each customer in turn. What fails for one is told, and the next has its turn. */
export async function visitCustomers(
  verb: string,
  options: DeployerOptions,
  visit: (visit: Visit) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(options.config, process.env), options.customer);
  const clients = openClients(config, options);
  try {
    const journey = { verb, options, clients, signal: stopSignal(), visit };
    const codes = new Set<ExitCode>();
    for (const customer of config.customers) codes.add(await visitOne(customer, journey));
    return overall(codes);
  } finally {
    await clients.close();
  }
}

function openClients({ agent }: Config, { endpointUrl }: DeployerOptions): AwsClients {
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
  if (signal.aborted) return EXIT.interrupted;
  const progress = createDeployProgress(`${verb} ${customer.id}`, {
    quiet: options.quiet,
    usualStack: customer.stack.name,
  });
  try {
    const visit = await prepare(customer, journey, progress);
    if (visit) return await journey.visit(visit);
    progress.note('nothing to do: stack.mode is existing, so others make the log groups');
    return EXIT.done;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    const view = { json: options.json, verbose: (options.verbose ?? 0) > 0 };
    return tellFailure(explainCallError(error, `the ${verb} of ${customer.id}`), view);
  }
}

/** Finds out whose the credentials are and which regions are on. Undefined: there is nothing of ours. */
async function prepare(
  customer: ResolvedCustomer,
  { clients, options, signal }: Journey,
  progress: DeployProgress,
): Promise<Visit | undefined> {
  const { mode, homeRegion: home } = customer.stack;
  if (mode === 'existing') return undefined;
  const partition = findRegion(home)?.partition ?? 'aws';
  const scope = deployerScope(partition, options.profile);
  const adminAccount = await callerAccount(clients.sts(scope, homeRegion(partition)), signal);
  const { targets, assumed } = await findTargets(
    clients.account(scope),
    { accounts: customer.accounts.collect, regions: customer.regions, partition, adminAccount },
    signal,
  );
  for (const account of assumed) {
    progress.note(`account ${account} does not show which regions are on: AWS's defaults are taken`);
  }
  const firstMs = options.pollSeconds * 1000;
  const context = {
    cloudformation: (region: string) => clients.cloudformation(scope, region),
    clock: systemClock,
    random: Math.random,
    signal,
    pace: { firstMs, longestMs: firstMs * LONGEST_POLL_FACTOR },
    progress,
  };
  return { customer, mode, adminAccount, targets, context };
}

/** The deployer's own credentials: what reads a customer's logs need not be allowed to deploy. */
function deployerScope(partition: Partition, profile: string | undefined): CredentialScope {
  const auth: AwsAuth = profile === undefined ? { type: 'default' } : { type: 'profile', name: profile };
  return { customer: '', account: '', partition, auth };
}

async function callerAccount(sts: STSClient, signal: AbortSignal): Promise<string> {
  const { Account } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
  return Account ?? '';
}

/** The code that all customers share; else: partly done. */
function overall(codes: ReadonlySet<ExitCode>): ExitCode {
  if (codes.has(EXIT.interrupted)) return EXIT.interrupted;
  const [only = EXIT.done, ...others] = codes;
  return others.length === 0 ? only : EXIT.partly;
}
