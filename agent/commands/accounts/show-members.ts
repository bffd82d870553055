import type { AwsClients } from '../../aws/clients.ts';
import type { ResolvedCustomer } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { printable } from '../../console/terminal/printable.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { readAccountsFile } from '../../members/accounts-file.ts';
import type { Desk } from '../../members/desk.ts';
import { lookAtMembers } from '../../members/member-look.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { type MemberFacts, needsAttention } from '../../model/member-facts.ts';
import { openClients } from '../deploy/deployer.ts';
import { selectCustomers } from '../select-customers.ts';
import { limitedSignal, stopCode } from '../stop-signal.ts';
import type { CustomerWish } from './chosen-list.ts';
import { atDesks, type ClosedDesk, type DeskOptions, readingDesks } from './desks.ts';
import { type KnownAccount, renderMembers } from './members-view.ts';

export interface MemberStatusOptions extends CustomerWish, ScreenWishes, DeskOptions {
  readonly all: boolean;
  readonly endpointUrl?: string | undefined;
  /** In ms. */
  readonly timeout?: number | undefined;
}

/** What of a customer's members can be seen now. */
interface Seen {
  readonly members: readonly MemberFacts[];
  readonly listed: readonly KnownAccount[];
  /** Where GuardDuty is off, so that nobody can be a member. */
  readonly off: readonly { readonly account: string; readonly region: string }[];
  readonly closed: readonly ClosedDesk[];
}

/** Asks GuardDuty in every region, with the credentials that the agent reads with. */
export async function showMembers(options: MemberStatusOptions): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(options.config, process.env), options.customer);
  const signal = limitedSignal(options.timeout);
  const clients = openClients(config, options);
  try {
    const customers = config.customers.filter(({ topology }) => topology !== 'standalone');
    const each = await Promise.all(customers.map((customer) => see(customer, options, { clients, signal })));
    const [members, listed] = [each.flatMap((seen) => seen.members), each.flatMap((seen) => seen.listed)];
    const closed = each.flatMap((seen) => seen.closed);
    const now = systemClock.now();
    const screen = screenFor(options, process.env, process.stdout);
    process.stdout.write(renderMembers({ members, listed, now, all: options.all }, screen));
    for (const { account, region } of each.flatMap(({ off }) => off)) {
      process.stderr.write(`GuardDuty is off: ${account} ${region} (GD-001)\n`);
    }
    for (const place of closed) process.stderr.write(`${printable(closedText(place))}\n`);
    if (signal.aborted) return stopCode(signal);
    if (closed.length > 0) return EXIT.partly;
    return members.some((member) => needsAttention(member, now)) ? EXIT.attention : EXIT.done;
  } finally {
    await clients.close();
  }
}

async function see(
  customer: ResolvedCustomer,
  options: DeskOptions,
  asker: { readonly clients: AwsClients; readonly signal: AbortSignal },
): Promise<Seen> {
  const { desks, closed } = await readingDesks(customer, options, asker);
  const looks = await atDesks(desks, lookAtMembers);
  const unseen = looks.flatMap((look, at): ClosedDesk[] => {
    const desk = desks[at];
    return look.kind === 'failed' && desk ? [{ ...placeOf(desk), reason: look.failure.text }] : [];
  });
  return {
    members: looks.flatMap((look) => (look.kind === 'members' ? look.members : [])),
    listed: await listedOf(customer),
    off: desks.filter((_, at) => looks[at]?.kind === 'missing').map(placeOf),
    closed: [...closed, ...unseen],
  };
}

function placeOf({ scope, region }: Desk) {
  return { account: scope.account, region };
}

async function listedOf({ id: customer, accounts: { file, collect } }: ResolvedCustomer) {
  if (file === undefined) return [];
  const { accounts } = await readAccountsFile(file);
  return accounts
    .filter(({ id }) => !collect.includes(id))
    .map(({ id: account, name = '', email }): KnownAccount => ({ customer, account, name, email }));
}

function closedText({ account, region = 'every region', reason }: ClosedDesk): string {
  return `not seen: ${account} ${region}: ${reason}`;
}
