import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from '../global-options.ts';

const printOptions = {
  for: {
    choices: ['stack', 'reader-role', 'stackset-roles', 'hub-role', 'seed'],
    default: 'stack',
    describe:
      'stack: the collector of one region; reader-role: the role that reads it, once per account; stackset-roles: what a StackSet needs, once per account; hub-role: what hub mode needs, once per account; seed: all of these for one account',
  },
} as const satisfies Record<string, Options>;

const linkOptions = {
  for: {
    choices: ['seed', 'stack', 'stackset', 'reader-role', 'stackset-roles', 'hub-role'],
    default: 'reader-role',
    describe: 'What the link makes',
  },
  'template-url': {
    type: 'string',
    requiresArg: true,
    demandOption: true,
    describe: 'Where the template was published: an object in S3',
  },
  'collector-url': {
    type: 'string',
    requiresArg: true,
    describe: "For the seed: where the collector's template was published (default: stack.yaml beside it)",
  },
  region: {
    type: 'string',
    requiresArg: true,
    describe: 'Region of the stack (default, and always for seed and stackset: stack.homeRegion)',
  },
  relay: {
    type: 'string',
    requiresArg: true,
    describe: 'For the reader role and the seed: ARN of the role or user that the agent runs as',
  },
} as const satisfies Record<string, Options>;

const LINK_EPILOGUE =
  'seed: one click makes the reader role, the StackSet of all regions and its roles, in one account. ' +
  'Whoever opens the link sees the values of this configuration filled in, the ExternalId of the reader role too. ' +
  'For a StackSet the console fills nothing in: it gets the page, the values and the same as AWS CLI commands.';

const policyOptions = {
  for: {
    choices: [
      ...['relay', 'reader', 'canary', 'doctor', 'backfill', 'account-names'],
      ...['deployer', 'organizations', 'repair', 'accounts', 'accept', 'stackset-administration'],
      ...['stackset-execution', 'stackset-execution-reader', 'stackset-execution-forwarding'],
    ],
    demandOption: true,
    describe: 'Who is allowed what',
  },
  account: {
    type: 'string',
    requiresArg: true,
    demandOption: true,
    describe: 'Account of the role or user that gets the policy',
  },
  partition: { type: 'string', requiresArg: true, default: 'aws', describe: 'Partition of the account' },
  prefix: {
    type: 'string',
    requiresArg: true,
    default: 'guardrelay',
    describe: 'stack.prefix of the customer',
  },
  'log-group': {
    type: 'string',
    requiresArg: true,
    default: '/aws/events/guardrelay',
    describe: 'Start of the names of the log groups',
  },
  'stack-name': {
    type: 'string',
    requiresArg: true,
    default: 'guardrelay',
    describe: 'Start of the names of stacks and StackSets',
  },
  trust: { type: 'boolean', default: false, describe: 'Print who may assume the role instead' },
  principal: {
    type: 'string',
    requiresArg: true,
    describe: 'With --trust: ARN of who assumes it; for stackset-administration it is CloudFormation',
  },
  'opt-in-regions': {
    type: 'string',
    requiresArg: true,
    describe: 'With --trust, for stackset-administration: REGION[,REGION] that are off by default',
  },
} as const satisfies Record<string, Options>;

const POLICY_EPILOGUE =
  'relay: the agent itself. reader: the role in each account that is read. canary, doctor, backfill, account-names: what ' +
  'these need beside the reader. deployer: who runs plan, deploy and destroy; organizations: what stack.mode ' +
  'stackset-organizations needs beside that. repair: who runs doctor --fix. accounts: who ' +
  'runs accounts invite and remove; accept: who runs accounts accept, in the member account. The roles of a StackSet come as a template, ' +
  'too: template print --for stackset-roles; stackset-execution-reader: what --reader-role needs of the execution role; ' +
  'stackset-execution-forwarding: what hub mode needs of it.';

type PrintOptions = GlobalOptions & InferredOptionTypes<typeof printOptions>;
type LinkOptions = GlobalOptions & InferredOptionTypes<typeof linkOptions>;
type PolicyOptions = GlobalOptions & InferredOptionTypes<typeof policyOptions>;

export function builder(yargs: Argv<GlobalOptions>): Argv<GlobalOptions> {
  return yargs
    .command<PrintOptions>({
      command: 'print',
      describe: 'A CloudFormation template of this version',
      builder: (printing) => printing.options(printOptions),
      handler: print,
    })
    .command<LinkOptions>({
      command: 'link',
      describe: "A link that fills the AWS console in with a customer's configuration",
      builder: (link) => link.options(linkOptions).epilogue(LINK_EPILOGUE),
      handler: link,
    })
    .command<PolicyOptions>({
      command: 'policy',
      describe: 'The least that somebody must be allowed, as IAM takes it',
      builder: (policy) => policy.options(policyOptions).epilogue(POLICY_EPILOGUE),
      handler: policy,
    })
    .demandCommand(1, 'Say what you want: print, link or policy.');
}

/** Only its sub-commands do something. */
export async function handler(): Promise<void> {}

/** The template goes to stdout as it is, its checksum to stderr. */
async function print(argv: ArgumentsCamelCase<PrintOptions>): Promise<void> {
  const { loadTemplate } = await import('../../deploy/template.ts');
  const { body, version, sha256 } = await loadTemplate(argv.for === 'stack' ? 'regional' : argv.for);
  process.stdout.write(body);
  process.stderr.write(`template ${version}, sha256 ${sha256}\n`);
}

async function link(argv: ArgumentsCamelCase<LinkOptions>): Promise<void> {
  const { printLinks } = await import('./print-links.ts');
  await printLinks(argv);
}

async function policy(argv: ArgumentsCamelCase<PolicyOptions>): Promise<void> {
  const { printPolicy } = await import('./print-policy.ts');
  await printPolicy(argv);
}
