import type { ResolvedCustomer } from '../../config/config.ts';
import type { ScreenWishes } from '../../console/terminal/screen.ts';
import { type AcceptResult, acceptAt } from '../../members/accept.ts';
import { readAccountsFile } from '../../members/accounts-file.ts';
import type { Desk } from '../../members/desk.ts';
import type { ExitCode } from '../../model/error.ts';
import { ask } from '../ask.ts';
import { openClients } from '../deploy/deployer.ts';
import { limitedSignal, stopCode } from '../stop-signal.ts';
import { type CustomerWish, chosenCustomer } from './chosen-list.ts';
import { atDesks, type DeskOptions, workingDesks } from './desks.ts';
import { type PlaceResult, printResults, resultsCode } from './results-report.ts';
import { type AccountWish, idsOf } from './wanted-accounts.ts';

export interface AcceptOptions extends CustomerWish, ScreenWishes, AccountWish, DeskOptions {
  readonly createDetector: boolean;
  readonly endpointUrl?: string | undefined;
  /** In ms. */
  readonly timeout?: number | undefined;
}

const WORDS = {
  refused: { text: 'refused', glyph: '✖', tone: 'bad' },
  'no-detector': { text: 'without GuardDuty', glyph: '✖', tone: 'bad' },
  'not-invited': { text: 'not invited', glyph: '◌', tone: 'warning' },
  accepted: { text: 'accepted', glyph: '✔', tone: 'good' },
  enabled: { text: 'enabled', glyph: '●', tone: 'good' },
} as const;

/** In the member accounts: accepts the invitations of the customer's administrators, and of nobody else. */
export async function acceptInvitations(options: AcceptOptions): Promise<ExitCode> {
  const { config, customer } = await chosenCustomer(options);
  const names = await namesOf(customer);
  const ids = options.all ? [...names.keys()] : idsOf(options);
  const signal = limitedSignal(options.timeout);
  const clients = openClients(config, options);
  try {
    const members = ids.filter((id) => !customer.accounts.collect.includes(id));
    const { desks, closed } = await workingDesks(customer, members, options, { clients, signal });
    const administrators = customer.accounts.collect;
    const accept = (createsDetector: boolean) => (desk: Desk) =>
      acceptAt(desk, { administrators, createsDetector });
    const first = await atDesks(desks, accept(options.createDetector));
    const results = await afterAsking(desks, first, { accept: accept(true), signal });
    const away = closed.map(({ account, reason }): PlaceResult => ({ account, outcome: 'refused', reason }));
    const all = [...away, ...results];
    printResults({ verb: 'accept', customer: customer.id, names, results: all, words: WORDS }, options);
    return signal.aborted ? stopCode(signal) : resultsCode(all, ['accepted', 'enabled']);
  } finally {
    await clients.close();
  }
}

interface Second {
  accept(desk: Desk): Promise<AcceptResult>;
  readonly signal: AbortSignal;
}

/** What costs money is asked for once, if there is a person to ask. */
async function afterAsking(
  desks: readonly Desk[],
  results: readonly AcceptResult[],
  { accept, signal }: Second,
): Promise<readonly AcceptResult[]> {
  const isOff = (at: number): boolean => results[at]?.outcome === 'no-detector';
  const without = desks.filter((_, at) => isOff(at));
  if (without.length === 0 || !process.stdin.isTTY) return results;
  const accounts = new Set(without.map(({ scope }) => scope.account)).size;
  const where = `${without.length} regions of ${accounts === 1 ? 'one account' : `${accounts} accounts`}`;
  const question = `GuardDuty is off in ${where}. Switch it on there, which costs money? (y/N) `;
  if (!/^y(es)?$/i.test(await ask(question, signal))) return results;
  const again = await atDesks(without, accept);
  const redone = new Map(without.map((desk, at) => [desk, again[at]]));
  return results.map((result, at) => {
    const desk = desks[at];
    return (desk && redone.get(desk)) ?? result;
  });
}

async function namesOf({ accounts: { file } }: ResolvedCustomer): Promise<ReadonlyMap<string, string>> {
  if (file === undefined) return new Map();
  const { accounts } = await readAccountsFile(file);
  return new Map(accounts.map(({ id, name = '' }) => [id, name]));
}
