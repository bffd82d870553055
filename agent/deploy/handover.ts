import { findRegion, guardDutyRegions } from '../aws/regions.ts';
import type { ResolvedCustomer } from '../config/config.ts';
import { stackSetCommands } from './cli-commands.ts';
import { quickCreateLink, stackSetPage } from './console-link.ts';
import { type Circumstances, customerRequest } from './customer-request.ts';
import type { Parameters } from './parameters.ts';
import { seedParameters } from './seed.ts';
import { cloudFormationPrincipals } from './trust-policies.ts';

export type HandoverKind = 'seed' | 'stack' | 'stackset' | 'reader-role' | 'stackset-roles' | 'hub-role';

export interface HandoverWishes {
  readonly for: HandoverKind;
  readonly templateUrl: string;
  /** Of the collector, for the seed; absent: `stack.yaml` beside the seed's template. */
  readonly collectorUrl?: string;
  /** In which the stack is made; a StackSet, and with it the seed, has the home region of the configuration. */
  readonly region?: string;
  readonly readerRole?: Circumstances['readerRole'];
}

/** What a customer's own hands need to make what `deploy` would make. */
export interface Handover {
  readonly customer: string;
  /** In which the customer collects. */
  readonly accounts: readonly string[];
  readonly for: HandoverKind;
  /** Absent: the partition has no public console. */
  readonly link?: string;
  readonly templateUrl: string;
  readonly stackName: string;
  readonly parameters: Parameters;
  /** The same by the AWS CLI, where the link fills nothing in. */
  readonly commands?: string;
}

export async function handover(configured: ResolvedCustomer, wishes: HandoverWishes): Promise<Handover> {
  // Groups of others may be named by their start; the role's parameter is the start of names in any case.
  const stack = { ...configured.stack, logGroup: configured.stack.logGroup.replace(/\*$/, '') };
  const customer = { ...configured, stack };
  const { templateUrl } = wishes;
  const region = (wishes.for !== 'seed' && wishes.region) || stack.homeRegion;
  const { id, accounts } = customer;
  const made = { customer: id, accounts: accounts.collect, for: wishes.for, templateUrl };
  if (wishes.for === 'stackset') return { ...made, ...(await stackSet(customer, templateUrl)) };
  const { stackName, parameters } = await contentOf(customer, wishes);
  const link = quickCreateLink({ region, templateUrl, stackName, parameters });
  return { ...made, stackName, parameters, ...(link !== undefined && { link }) };
}

type Content = Pick<Handover, 'stackName' | 'parameters'>;

async function contentOf(customer: ResolvedCustomer, wishes: HandoverWishes): Promise<Content> {
  if (wishes.for === 'stackset-roles') return stackSetRoles(customer);
  const request = await requestOf(customer, wishes.readerRole);
  const { collector, reader, forwarding } = request;
  if (wishes.for === 'seed') {
    const { templateUrl, collectorUrl = new URL('stack.yaml', templateUrl).href } = wishes;
    const roles = stackSetRoles(customer).parameters;
    const parameters = seedParameters(request, { collectorUrl, roles, regions: regionsOf(customer) });
    return { stackName: `${collector.name}-seed`, parameters };
  }
  const roles = new Map([
    ['reader-role', reader],
    ['hub-role', forwarding],
  ]);
  const { name, parameters } = roles.get(wishes.for) ?? collector;
  return { stackName: name, parameters };
}

/** As `deploy` would be asked, in the account of the reader role. */
function requestOf(customer: ResolvedCustomer, readerRole?: Circumstances['readerRole']) {
  const { auth, accounts, stack } = customer;
  const [first = ''] = accounts.collect;
  const named = auth.type === 'assumeRole' ? accountIn(auth.roleArn) : undefined;
  return customerRequest(customer, {
    mode: stack.mode === 'stackset-organizations' ? stack.mode : 'auto',
    adminAccount: named ?? first,
    targets: [],
    ...(readerRole && { readerRole }),
  });
}

async function stackSet(customer: ResolvedCustomer, templateUrl: string) {
  const { collector, stackSet: settings } = await requestOf(customer);
  const link = stackSetPage(settings.homeRegion);
  const order = { templateUrl, settings, accounts: customer.accounts.collect, regions: regionsOf(customer) };
  return {
    stackName: collector.name,
    parameters: collector.parameters,
    commands: stackSetCommands(collector, order),
    ...(link !== undefined && { link }),
  };
}

/** Without asking AWS: the regions that are named, else those that are on in every account. */
function regionsOf({ regions, stack }: ResolvedCustomer): readonly string[] {
  if (typeof regions !== 'string') return regions;
  const offered = guardDutyRegions(findRegion(stack.homeRegion)?.partition ?? 'aws');
  return offered.filter(({ optIn }) => !optIn).map(({ region }) => region);
}

/** What the configuration does not say has its default in the template, or is asked for by the console. */
function stackSetRoles(customer: ResolvedCustomer): Content {
  const { name, prefix, logGroup, administrationRoleArn, executionRoleName } = customer.stack;
  const optIn = regionsOf(customer).filter((region) => findRegion(region)?.optIn);
  return {
    stackName: `${name}-stackset-roles`,
    parameters: {
      AdministratorAccountId: accountIn(administrationRoleArn) ?? '',
      CloudFormationPrincipals: cloudFormationPrincipals(optIn).join(','),
      StackSetName: name,
      Prefix: prefix,
      LogGroupPrefix: logGroup,
      AdministrationRoleName: administrationRoleArn?.split('/').at(-1) ?? '',
      ExecutionRoleName: executionRoleName ?? '',
    },
  };
}

function accountIn(roleArn = ''): string | undefined {
  return /::(\d{12}):/.exec(roleArn)?.[1];
}
