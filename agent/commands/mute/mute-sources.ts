import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { iso } from '../../console/api/instant.ts';
import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import { screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { MAX_MUTE_MS, type Mute, type MuteWish } from '../../model/mute.ts';
import { newMute } from '../../relay/mutes.ts';
import { concerns } from '../../relay/muting.ts';
import { instantOf } from '../instant.ts';
import type { RunArguments } from '../run/run-agent.ts';
import { selectCustomers } from '../select-customers.ts';
import { changeStore } from '../store/change-store.ts';
import { hasStore, neverRan, readStore } from '../store/read-store.ts';
import { storedSources } from '../store/stored-sources.ts';

type ListArguments = Omit<RunArguments, 'timeout' | 'endpointUrl'>;

export interface MuteArguments extends ListArguments {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  /** Milliseconds. */
  readonly for?: number | undefined;
  readonly until?: string | undefined;
  readonly reason?: string | undefined;
}

/** Mutes sources of one customer, beside a running agent or without one. */
export async function muteSources(argv: MuteArguments): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const now = systemClock.now();
  const mute = newMute(wishOf(argv, config, now), now);
  const { dataDir } = config.agent;
  if (!hasStore(dataDir)) throw neverRan(dataDir);
  const count = await changeStore(dataDir, async (store) => {
    const known = await storedSources(store, config, now);
    const theirs = known.filter((source) => source.off?.kind !== 'region' && concerns(mute, source));
    if (theirs.length > 0) await store.mutes.add(mute);
    return theirs.length;
  });
  if (count === 0) throw nothingThere(mute);
  process.stdout.write(`${printable(mutedText(mute, count))}\n`);
  process.stderr.write(`Records go on being relayed. To end it sooner: guardrelay unmute ${mute.id}\n`);
  return EXIT.done;
}

/** Ends what was muted by hand. */
export async function unmuteSources(argv: ListArguments & { readonly id: string }): Promise<ExitCode> {
  const { agent } = await loadConfig(argv.config, process.env);
  if (!hasStore(agent.dataDir)) throw neverRan(agent.dataDir);
  const isRemoved = await changeStore(agent.dataDir, (store) => store.mutes.remove(argv.id));
  if (!isRemoved) {
    throw usage(`Nothing is muted under the id ${argv.id}`, 'What is muted: guardrelay mute');
  }
  process.stdout.write(`${printable(argv.id)} is muted no longer.\n`);
  return EXIT.done;
}

/** What is muted by hand now. */
export async function listMutes(argv: ListArguments): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const ids = config.customers.map(({ id }) => id);
  const all = await readStore(config.agent.dataDir, (store) => store.mutes.list());
  const mutes = all.filter(({ customer }) => ids.includes(customer));
  const screen = screenFor(argv, process.env, process.stdout);
  if (mutes.length === 0 && screen.output === 'table') process.stdout.write('Nothing is muted by hand.\n');
  else process.stdout.write(renderListing(listing(mutes), screen));
  return EXIT.done;
}

function wishOf(argv: MuteArguments, { customers }: Config, now: number): MuteWish {
  const { account, region, reason = '' } = argv;
  const [customer] = customers;
  if (argv.customer?.length !== 1 || !customer) {
    throw usage('mute needs one customer', 'Name it: --customer ID');
  }
  if (reason.trim() === '') throw usage('mute needs a reason', 'Say why: --reason TEXT');
  return {
    customer: customer.id,
    ...(account === undefined ? {} : { account: account.replaceAll('-', '') }),
    ...(region === undefined ? {} : { region }),
    until: endOf(argv, now),
    reason,
  };
}

function endOf({ for: lasts, until }: MuteArguments, now: number): number {
  const fix = 'Say how long: --for 2h, or --until 2026-01-31T06:00:00Z; at most 30 days ahead.';
  if (lasts === undefined && until === undefined) throw usage('mute needs an end', fix);
  const end = lasts === undefined ? instantOf('until', until ?? '', now) : now + lasts;
  if (end <= now) throw usage('The mute would be over already', fix);
  if (end > now + MAX_MUTE_MS) throw usage('Nothing is muted for more than 30 days', fix);
  return end;
}

function nothingThere({ customer, account, region }: Mute): GuardrelayError {
  const where = [customer, account, region].filter((part) => part !== undefined).join(' ');
  return usage(`The agent knows no source of ${where}`, 'See them all: guardrelay status --all');
}

function usage(message: string, fix: string): GuardrelayError {
  return new GuardrelayError('CLI-001', message, { exitCode: EXIT.usage, fix });
}

function mutedText(mute: Mute, count: number): string {
  const sources = count === 1 ? '1 source' : `${count} sources`;
  return `Muted ${sources} of ${mute.customer} until ${minuteText(mute.until)}: ${mute.reason}`;
}

function minuteText(at: number): string {
  return `${iso(at).slice(0, 16).replace('T', ' ')} UTC`;
}

function listing(mutes: readonly Mute[]): Listing<Mute> {
  return {
    name: 'mutes',
    generatedAt: systemClock.now(),
    summary: { mutes: mutes.length },
    rows: mutes,
    columns: [
      { title: 'ID', text: ({ id }) => id },
      { title: 'CUSTOMER', text: ({ customer }) => customer },
      { title: 'ACCOUNT', text: ({ account = 'all' }) => account },
      { title: 'REGION', text: ({ region = 'all' }) => region },
      { title: 'UNTIL', text: ({ until }) => minuteText(until) },
    ],
    remark: { title: 'WHY', text: ({ reason, by }) => (by === undefined ? reason : `${reason} (${by})`) },
    json: ({ at, until, ...mute }) => ({ ...mute, at: iso(at), until: iso(until) }),
  };
}
