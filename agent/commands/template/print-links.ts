import { findRegion } from '../../aws/regions.ts';
import type { ResolvedCustomer } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { printable, printableJson } from '../../console/terminal/printable.ts';
import { type Handover, type HandoverKind, handover } from '../../deploy/handover.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';
import { readerRoleFor } from '../deploy/reader-role.ts';
import { selectCustomers } from '../select-customers.ts';

export interface PrintLinksOptions {
  readonly for: HandoverKind;
  readonly templateUrl: string;
  readonly collectorUrl?: string | undefined;
  readonly region?: string | undefined;
  /** ARN of the relay's role or user, for the reader role; absent: the console asks for it. */
  readonly relay?: string | undefined;
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

const DONE_IN: Readonly<Record<HandoverKind, string>> = {
  seed: 'all regions of one account: reader role, StackSet and its roles',
  'reader-role': 'the reader role, once in each account that is read',
  'stackset-roles': "the roles of the StackSet, once in each account, the administrator's first",
  'hub-role': 'the role that forwards to the hub, once in each account',
  stack: 'the collector of one region',
  stackset: 'the StackSet; the page fills nothing in',
};

/** One link for each selected customer. */
export async function printLinks(options: PrintLinksOptions): Promise<void> {
  check(options);
  const { customers } = selectCustomers(await loadConfig(options.config, process.env), options.customer);
  const handovers = await Promise.all(customers.map((customer) => handoverOf(customer, options)));
  process.stdout.write(options.json ? json(handovers) : handovers.map(text).join('\n'));
  if (options.quiet) return;
  for (const one of handovers) process.stderr.write(remarks(one));
}

async function handoverOf(customer: ResolvedCustomer, options: PrintLinksOptions): Promise<Handover> {
  const { for: kind, templateUrl, collectorUrl, region, relay = '' } = options;
  if (customer.stack.mode === 'existing' && kind !== 'reader-role') {
    throw usage(
      `customer ${customer.id} has stack.mode existing: others make the log groups`,
      'Only --for reader-role has a use there.',
    );
  }
  if (kind === 'seed') requireSelfManaged(customer);
  if (kind === 'hub-role' && customer.stack.hubRegion === undefined) {
    throw usage(`customer ${customer.id} has no stack.hubRegion`, 'Without a hub that role has no use.');
  }
  return handover(customer, {
    for: kind,
    templateUrl,
    ...(collectorUrl !== undefined && { collectorUrl }),
    ...(region !== undefined && { region }),
    ...((kind === 'reader-role' || kind === 'seed') && { readerRole: await readerRoleFor(customer, relay) }),
  });
}

/** `deploy` would look for something else than what the seed makes. */
function requireSelfManaged({ id, stack: { mode, hubRegion } }: ResolvedCustomer): void {
  if (hubRegion !== undefined) {
    throw usage(
      `customer ${id} has stack.hubRegion, and the seed makes no hub`,
      'Make links for hub-role, reader-role, stackset-roles and stackset instead.',
    );
  }
  if (mode === 'auto' || mode === 'stackset-self-managed') return;
  throw usage(
    `customer ${id} has stack.mode ${mode}, and the seed makes a self-managed StackSet`,
    'Set stack.mode to auto or stackset-self-managed, or make another link: docs/onboarding.md.',
  );
}

function check({ templateUrl, collectorUrl = templateUrl, region }: PrintLinksOptions): void {
  for (const [option, url] of Object.entries({
    'template-url': templateUrl,
    'collector-url': collectorUrl,
  })) {
    if (/^https:\/\/[^/\s]+\.amazonaws\.[^/\s]+\/\S+$/.test(url)) continue;
    throw usage(
      `--${option} "${url}" is not the address of an object in S3`,
      'Publish the template in a bucket: docs/onboarding.md. CloudFormation takes no other address.',
    );
  }
  if (region === undefined || findRegion(region)) return;
  throw usage(`--region "${region}" does not exist`, 'Name a region, such as eu-central-1.');
}

function usage(message: string, fix: string): GuardrelayError {
  return new GuardrelayError('CLI-001', message, { exitCode: EXIT.usage, fix });
}

function json(handovers: readonly Handover[]): string {
  return `${printableJson({ schema: 'guardrelay.template-link/v1', data: handovers }, 2)}\n`;
}

/** A link stands alone on its line, so that it can be copied whole. */
function text({ customer, link, templateUrl, stackName, parameters, commands, ...rest }: Handover): string {
  const heading = `${customer} · ${DONE_IN[rest.for]}`;
  if (commands === undefined && link !== undefined) return printable(heading).concat('\n', link, '\n');
  const rows = Object.entries({ 'Template URL': templateUrl, Name: stackName, ...parameters });
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value)}`);
  const equal = commands === undefined ? [] : ['The same by the AWS CLI:', commands.trimEnd()];
  return [heading, ...(link === undefined ? [] : [link]), ...table, ...equal, ''].join('\n');
}

function remarks({ customer, accounts, for: kind, parameters, link }: Handover): string {
  const missing = ['RelayPrincipalArn', 'AdministratorAccountId'].filter((name) => parameters[name] === '');
  const notes = [
    ...missing.map((name) => `the console asks for ${name}, which the link does not hold`),
    ...(link === undefined ? ['the partition has no public console: give the template and the values'] : []),
    ...(kind === 'stack' ? ['a stack made by hand has no tags of guardrelay: deploy leaves it alone'] : []),
    ...(kind === 'seed' && accounts.length > 1
      ? [`the seed serves one account: open the link in each of the ${accounts.length}`]
      : []),
  ];
  return notes.map((note) => `${customer}: ${note}\n`).join('');
}
