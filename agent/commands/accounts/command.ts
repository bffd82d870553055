import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { endpointUrlOption, type GlobalOptions } from '../global-options.ts';
import { spanOf } from '../instant.ts';

const dryRun = {
  'dry-run': { type: 'boolean', default: false, describe: 'Read and judge, write nothing' },
} as const satisfies Record<string, Options>;

const fileOption = {
  file: { type: 'string', requiresArg: true, describe: 'Write to this file instead of stdout' },
} as const satisfies Record<string, Options>;

const addOptions = {
  account: { type: 'string', requiresArg: true, demandOption: true, describe: 'Its 12 digits' },
  email: { type: 'string', requiresArg: true, demandOption: true, describe: 'Of its root user' },
  name: { type: 'string', requiresArg: true, describe: 'What people call it' },
  ...dryRun,
} as const satisfies Record<string, Options>;

const whereOptions = {
  region: {
    type: 'string',
    requiresArg: true,
    describe: 'Only these regions: a name or a pattern such as eu-*',
  },
  timeout: {
    type: 'string',
    requiresArg: true,
    coerce: (text: string): number => spanOf('timeout', text),
    describe: 'Give up after this: 90s, 10m (exit code 6); a second run does what is missing',
  },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

const credentialOptions = {
  profile: {
    type: 'string',
    requiresArg: true,
    describe: 'Profile of the shared AWS configuration whose credentials work (default: those of this shell)',
  },
  'role-arn': {
    type: 'string',
    requiresArg: true,
    describe:
      'Role to assume in each account; {account} stands for it, as in arn:aws:iam::{account}:role/NAME',
  },
  'external-id': {
    type: 'string',
    requiresArg: true,
    describe: 'Reference to the ExternalId that the role demands: env:NAME or file:/PATH',
  },
} as const satisfies Record<string, Options>;

const whomOptions = {
  all: { type: 'boolean', default: false, describe: 'Every account of the list' },
  account: { type: 'string', requiresArg: true, describe: 'These accounts: ID[,ID]' },
} as const satisfies Record<string, Options>;

const inviteOptions = {
  ...whomOptions,
  message: { type: 'string', requiresArg: true, describe: 'What the owners read beside the invitation' },
  email: {
    type: 'boolean',
    default: false,
    describe: 'Also have AWS send mails: one for each account and region',
  },
  ...credentialOptions,
  ...whereOptions,
} as const satisfies Record<string, Options>;

const acceptOptions = {
  ...whomOptions,
  'create-detector': {
    type: 'boolean',
    default: false,
    describe: 'Switch GuardDuty on where it is off, which costs money; without it a terminal is asked',
  },
  ...credentialOptions,
  ...whereOptions,
} as const satisfies Record<string, Options>;

const statusOptions = {
  all: { type: 'boolean', default: false, describe: 'Also list the accounts that are enabled everywhere' },
  ...whereOptions,
} as const satisfies Record<string, Options>;

const removeOptions = {
  account: { type: 'string', requiresArg: true, demandOption: true, describe: 'Its 12 digits' },
  ...credentialOptions,
  ...whereOptions,
} as const satisfies Record<string, Options>;

const IMPORT_EPILOGUE = [
  "Reads the CSV that is uploaded to GuardDuty, Account ID,Email[,Name] or the e-mail first, and brings the customer's list (accounts.file) up to date. Comments, other rows and their order stay. Nothing is removed.",
  'Rows that cannot be used are named with the reason; the others count, and the exit code is 7.',
].join('\n\n');

const INVITE_EPILOGUE = [
  "Works in every region of the administrator's account with your own credentials (template policy --for accounts), not those that the agent reads with.",
  'Accounts of an organization are taken in without being asked. A second run does only what is missing. Exit code 7: some accounts could not be invited in some regions; each is named with what GuardDuty said.',
].join('\n\n');

const ACCEPT_EPILOGUE = [
  'Works in the member accounts (template policy --for accept), by a role that each of them has: --role-arn arn:aws:iam::{account}:role/NAME.',
  'Accepts the invitation of the accounts in accounts.collect and leaves all others alone. A second run does only what is missing.',
].join('\n\n');

type With<O extends Record<string, Options>> = GlobalOptions & InferredOptionTypes<O>;
type ImportOptions = With<typeof dryRun> & { file: string };

export function builder(yargs: Argv<GlobalOptions>): Argv<GlobalOptions> {
  return yargs
    .command<ImportOptions>({
      command: 'import <file>',
      describe: "Put a CSV file of GuardDuty into the customer's list",
      builder: (importing) =>
        importing
          .positional('file', { type: 'string', demandOption: true, describe: 'CSV in UTF-8' })
          .options(dryRun)
          .epilogue(IMPORT_EPILOGUE),
      handler: importFile,
    })
    .command<With<typeof fileOption>>({
      command: 'export',
      describe: "The list as GuardDuty's console takes it",
      builder: (exporting) => exporting.options(fileOption),
      handler: exportList,
    })
    .command({ command: 'list', describe: 'The accounts of the lists, without asking AWS', handler: list })
    .command<With<typeof addOptions>>({
      command: 'add',
      describe: 'Put one account into the list',
      builder: (adding) => adding.options(addOptions),
      handler: add,
    })
    .command<With<typeof inviteOptions>>({
      command: 'invite',
      describe: 'Make accounts known to the administrator and invite them, in every region',
      builder: (inviting) => inviting.options(inviteOptions).epilogue(INVITE_EPILOGUE),
      handler: invite,
    })
    .command<With<typeof acceptOptions>>({
      command: 'accept',
      describe: 'Accept the invitations in the member accounts, in every region',
      builder: (accepting) => accepting.options(acceptOptions).epilogue(ACCEPT_EPILOGUE),
      handler: accept,
    })
    .command<With<typeof statusOptions>>({
      command: 'status',
      describe: 'What the accounts are to GuardDuty, and the next step of each',
      builder: (showing) => showing.options(statusOptions),
      handler: status,
    })
    .command<With<typeof removeOptions>>({
      command: 'remove',
      describe: 'Let an account go; says what is lost, and asks for its id to be typed',
      builder: (removing) => removing.options(removeOptions),
      handler: remove,
    })
    .demandCommand(1, 'Say what to do: import, export, list, add, invite, accept, status or remove.');
}

/** Only its sub-commands do something. */
export async function handler(): Promise<void> {}

async function importFile(argv: ArgumentsCamelCase<ImportOptions>): Promise<void> {
  const { importAccounts } = await import('./import-accounts.ts');
  process.exitCode = await importAccounts(argv);
}

async function exportList(argv: ArgumentsCamelCase<With<typeof fileOption>>): Promise<void> {
  const { exportAccounts } = await import('./list-accounts.ts');
  process.exitCode = await exportAccounts(argv);
}

async function list(argv: ArgumentsCamelCase<GlobalOptions>): Promise<void> {
  const { listAccounts } = await import('./list-accounts.ts');
  process.exitCode = await listAccounts(argv);
}

async function add(argv: ArgumentsCamelCase<With<typeof addOptions>>): Promise<void> {
  const { addAccount } = await import('./import-accounts.ts');
  process.exitCode = await addAccount(argv);
}

async function invite(argv: ArgumentsCamelCase<With<typeof inviteOptions>>): Promise<void> {
  const { inviteAccounts } = await import('./invite-accounts.ts');
  process.exitCode = await inviteAccounts(argv);
}

async function accept(argv: ArgumentsCamelCase<With<typeof acceptOptions>>): Promise<void> {
  const { acceptInvitations } = await import('./accept-invitations.ts');
  process.exitCode = await acceptInvitations(argv);
}

async function status(argv: ArgumentsCamelCase<With<typeof statusOptions>>): Promise<void> {
  const { showMembers } = await import('./show-members.ts');
  process.exitCode = await showMembers(argv);
}

async function remove(argv: ArgumentsCamelCase<With<typeof removeOptions>>): Promise<void> {
  const { removeAccount } = await import('./remove-account.ts');
  process.exitCode = await removeAccount(argv);
}
