import { printable } from '../../console/terminal/printable.ts';
import type { ScreenWishes } from '../../console/terminal/screen.ts';
import { inviteAt } from '../../members/invite.ts';
import type { InvitationWish } from '../../members/member-changes.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { rowText } from '../account-names.ts';
import { openClients } from '../deploy/deployer.ts';
import { limitedSignal, stopCode } from '../stop-signal.ts';
import { type CustomerWish, chosenList } from './chosen-list.ts';
import { atDesks, type DeskOptions, workingDesks } from './desks.ts';
import { type PlaceResult, printResults, resultsCode } from './results-report.ts';
import { type AccountWish, wantedAccounts } from './wanted-accounts.ts';

export interface InviteOptions extends CustomerWish, ScreenWishes, AccountWish, DeskOptions, InvitationWish {
  readonly endpointUrl?: string | undefined;
  /** In ms. */
  readonly timeout?: number | undefined;
}

const WORDS = {
  'not-done': { text: 'not done', glyph: '✖', tone: 'bad' },
  invited: { text: 'invited', glyph: '✔', tone: 'good' },
  waiting: { text: 'waiting to accept', glyph: '◌', tone: 'warning' },
  'taken-in': { text: 'taken in', glyph: '✔', tone: 'good' },
  enabled: { text: 'enabled', glyph: '●', tone: 'good' },
} as const;

/** Makes the accounts of a list known to the administrator and invites them, in every region. */
export async function inviteAccounts(options: InviteOptions): Promise<ExitCode> {
  const list = await chosenList(options);
  const { accounts, refused } = await wantedAccounts(list, options);
  const signal = limitedSignal(options.timeout);
  const clients = openClients(list.config, options);
  try {
    const { collect } = list.customer.accounts;
    const { desks, closed } = await workingDesks(list.customer, collect, options, { clients, signal });
    const results = (await atDesks(desks, (desk) => inviteAt(desk, accounts, options))).flat();
    const away = closed.map(({ account, reason }): PlaceResult => ({ account, outcome: 'not-done', reason }));
    const names = new Map(
      accounts.flatMap(({ id, name }) => (name === undefined ? [] : [[id, name] as const])),
    );
    const all = [...away, ...results];
    printResults({ verb: 'invite', customer: list.customer.id, names, results: all, words: WORDS }, options);
    for (const row of refused)
      process.stderr.write(`${printable(`left out: ${list.file} ${rowText(row)}`)}\n`);
    if (signal.aborted) return stopCode(signal);
    return refused.length > 0 ? EXIT.partly : resultsCode(all, Object.keys(WORDS).slice(1));
  } finally {
    await clients.close();
  }
}
