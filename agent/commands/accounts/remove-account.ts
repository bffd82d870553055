import type { ScreenWishes } from '../../console/terminal/screen.ts';
import { accountRows } from '../../members/accounts-csv.ts';
import { accountsTextIfAny, writeAccountsFile } from '../../members/accounts-file.ts';
import { withoutAccounts } from '../../members/edit-accounts.ts';
import { findMembership, type Membership, removeMember } from '../../members/remove.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { ask } from '../ask.ts';
import { openClients } from '../deploy/deployer.ts';
import { limitedSignal, stopCode } from '../stop-signal.ts';
import { type CustomerWish, chosenCustomer } from './chosen-list.ts';
import { atDesks, type ClosedDesk, type DeskOptions, workingDesks } from './desks.ts';
import { lossText } from './loss-text.ts';
import { type PlaceResult, printResults, resultsCode } from './results-report.ts';
import { idsOf } from './wanted-accounts.ts';

export interface RemoveOptions extends CustomerWish, ScreenWishes, DeskOptions {
  readonly account: string;
  readonly endpointUrl?: string | undefined;
  /** In ms. */
  readonly timeout?: number | undefined;
}

const WORDS = {
  'not-done': { text: 'not done', glyph: '✖', tone: 'bad' },
  removed: { text: 'removed', glyph: '✔', tone: 'good' },
} as const;

/** Takes an account out of GuardDuty's members and off the list. Only a person who types its id does that. */
export async function removeAccount(options: RemoveOptions): Promise<ExitCode> {
  const account = onlyOne(idsOf(options));
  const { config, customer } = await chosenCustomer(options);
  const signal = limitedSignal(options.timeout);
  const clients = openClients(config, options);
  try {
    const { desks, closed } = await workingDesks(customer, customer.accounts.collect, options, {
      clients,
      signal,
    });
    const found = await atDesks(desks, (desk) => findMembership(desk, account));
    const memberships = found.flatMap((each) => (each.kind === 'member' ? each : []));
    // It stays on the list as long as it may be a member somewhere.
    const list = options.region === undefined ? await listWith(account, customer.accounts.file) : undefined;
    if (!(await agree({ account, customer: customer.id, memberships, list }, signal))) {
      return signal.aborted ? stopCode(signal) : EXIT.interrupted;
    }
    const unseen = [...closed, ...found.flatMap((each) => (each.kind === 'failed' ? each : []))];
    const results = await removeAll(account, memberships, unseen);
    const isGone = results.every(({ outcome }) => outcome === 'removed');
    if (list !== undefined && isGone) {
      await writeAccountsFile(list, withoutAccounts(await accountsTextIfAny(list), [account]));
    }
    const report = { verb: 'remove', customer: customer.id, names: new Map(), results, words: WORDS };
    printResults(report, options);
    return signal.aborted ? stopCode(signal) : resultsCode(results, ['removed']);
  } finally {
    await clients.close();
  }
}

/** The file, if the account stands in it. */
async function listWith(account: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const { rows } = accountRows(await accountsTextIfAny(file));
  return rows.some((row) => row.account.id === account) ? file : undefined;
}

async function agree(loss: Parameters<typeof lossText>[0], signal: AbortSignal): Promise<boolean> {
  process.stderr.write(lossText(loss));
  if (!process.stdin.isTTY) {
    throw new GuardrelayError('CLI-001', 'An account is removed by a person at a terminal alone', {
      exitCode: EXIT.usage,
      fix: `Run it in a terminal, and type ${loss.account} when it asks.`,
    });
  }
  return (await ask(`Type the account id (${loss.account}) to remove it: `, signal)) === loss.account;
}

async function removeAll(
  account: string,
  memberships: readonly Membership[],
  unseen: readonly ClosedDesk[],
): Promise<readonly PlaceResult[]> {
  const away = unseen.map(({ region, reason }): PlaceResult => {
    return { account, outcome: 'not-done', reason, ...(region !== undefined && { region }) };
  });
  return [...away, ...(await Promise.all(memberships.map(removeMember)))];
}

function onlyOne(ids: readonly string[]): string {
  const [account, another] = ids;
  if (account !== undefined && another === undefined) return account;
  throw new GuardrelayError('CLI-001', 'One account is removed at a time', {
    exitCode: EXIT.usage,
    fix: 'Name one with --account ID.',
  });
}
