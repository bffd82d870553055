import { spanText } from '../../console/terminal/age.ts';
import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import { renderTable, type Tone } from '../../console/terminal/table.ts';
import { wrap } from '../../console/terminal/width.ts';
import { countMembers, MEMBER_STATUSES, type MemberFacts, needsAttention } from '../../model/member-facts.ts';
import type { MemberStatus } from '../../model/member-status.ts';

/** An account of a customer's list. */
export interface KnownAccount {
  readonly customer: string;
  readonly account: string;
  readonly name: string;
  readonly email: string;
}

export interface MembersView {
  readonly members: readonly MemberFacts[];
  readonly listed: readonly KnownAccount[];
  readonly now: number;
  /** Also those that are enabled in every region, which are counted otherwise. */
  readonly all: boolean;
}

interface Words {
  readonly glyph: string;
  readonly text: string;
  readonly tone: Tone;
}

const WORDS: Readonly<Record<MemberStatus, Words>> = {
  resigned: { glyph: '✖', text: 'resigned', tone: 'bad' },
  removed: { glyph: '✖', text: 'removed', tone: 'bad' },
  paused: { glyph: '✖', text: 'paused', tone: 'bad' },
  failed: { glyph: '✖', text: 'email verification failed', tone: 'bad' },
  unknown: { glyph: '?', text: 'unknown', tone: 'warning' },
  invited: { glyph: '◌', text: 'invited', tone: 'warning' },
  created: { glyph: '·', text: 'not invited', tone: 'faint' },
  unavailable: { glyph: '·', text: 'unavailable', tone: 'faint' },
  enabled: { glyph: '●', text: 'enabled', tone: 'good' },
};

/** One account, in all regions where somebody administers it. */
interface Row extends KnownAccount {
  readonly members: readonly MemberFacts[];
}

const NAMED_REGIONS = 3;
/** So few are shown in any case. */
const ALWAYS_SHOWN = 10;

/** A row for each account on a terminal, what is wrong first; for each account and region otherwise. */
export function renderMembers(view: MembersView, screen: Screen): string {
  const rows = rowsOf(view);
  if (screen.output !== 'table') return renderListing(listing(rows, view.now), screen);
  const isQuiet = ({ members }: Row): boolean =>
    members.length > 0 && members.every(({ status }) => status === 'enabled');
  const quiet = view.all || rows.length <= ALWAYS_SHOWN ? [] : rows.filter(isQuiet);
  const shown = rows.filter((row) => !quiet.includes(row));
  const table = shown.length === 0 ? '' : renderTable(tableOf(shown, view.now), screen);
  const folded =
    quiet.length === 0 ? '' : `+ ${quiet.length} enabled wherever they are known (--all shows them)\n`;
  return `${table}${folded}${wrap(sentence(view, rows), screen.width).join('\n')}\n`;
}

function rowsOf({ members, listed }: MembersView): readonly Row[] {
  const known = new Map(listed.map((each) => [keyOf(each), each]));
  const seen = Map.groupBy(members, keyOf);
  const keys = new Set([...seen.keys(), ...known.keys()]);
  const rows = [...keys].flatMap((key): Row[] => {
    const own = seen.get(key) ?? [];
    const { customer, account, email = '' } = known.get(key) ?? own[0] ?? {};
    if (customer === undefined || account === undefined) return [];
    return [
      { customer, account, name: known.get(key)?.name ?? '', email: own[0]?.email ?? email, members: own },
    ];
  });
  return rows.toSorted(
    (one, other) => rankOf(one) - rankOf(other) || one.account.localeCompare(other.account),
  );
}

function keyOf({ customer, account }: Pick<MemberFacts, 'customer' | 'account'>): string {
  return `${customer}/${account}`;
}

/** An account that nobody has told GuardDuty of stands with those that nobody has invited. */
function worst({ members }: Row): MemberStatus {
  const found = MEMBER_STATUSES.find((status) => members.some((member) => member.status === status));
  return found ?? 'created';
}

function rankOf(row: Row): number {
  return MEMBER_STATUSES.indexOf(worst(row));
}

function tableOf(rows: readonly Row[], now: number) {
  const areMany = new Set(rows.map(({ customer }) => customer)).size > 1;
  return {
    rows,
    columns: [
      ...(areMany ? [{ title: 'CUSTOMER', text: ({ customer }: Row) => customer }] : []),
      { title: 'ACCOUNT', text: ({ account }: Row) => account },
      { title: 'NAME', text: ({ name }: Row) => name },
      { title: 'EMAIL', text: ({ email }: Row) => email, minTerminal: 150 },
      {
        title: 'STATUS',
        text: (row: Row) => statusText(row, now),
        tone: (row: Row) => WORDS[worst(row)].tone,
      },
    ],
    remark: { title: 'NEXT', text: (row: Row) => nextStep(row, now) },
  };
}

/** `✖ resigned 1 (eu-west-1, 2h)  ● enabled 19`, the worst first. */
function statusText({ members }: Row, now: number): string {
  if (members.length === 0) return '· unknown to GuardDuty';
  const byStatus = Map.groupBy(members, ({ status }) => status);
  return MEMBER_STATUSES.flatMap((status) => {
    const each = byStatus.get(status);
    return each
      ? [`${WORDS[status].glyph} ${wordsOf(status, each)} ${each.length}${detailsOf(each, now)}`]
      : [];
  }).join('  ');
}

function wordsOf(status: MemberStatus, [first]: readonly MemberFacts[]): string {
  return status === 'unknown' ? `"${first?.text}"` : WORDS[status].text;
}

/** Where, if that is few regions, and since when. What is well needs neither. */
function detailsOf(members: readonly MemberFacts[], now: number): string {
  const [first] = members;
  if (first?.status === 'enabled') return '';
  const regions = members.length <= NAMED_REGIONS ? members.map(({ region }) => region) : [];
  const since = Math.min(...members.map((member) => member.since ?? Number.POSITIVE_INFINITY));
  const age = Number.isFinite(since) ? [spanText(Math.max(0, now - since))] : [];
  const details = [...regions, ...age].join(', ');
  return details === '' ? '' : ` (${details})`;
}

/** Short, because it stands beside the row; the pages of the codes say the rest. */
function nextStep(row: Row, now: number): string {
  const { account } = row;
  switch (worst(row)) {
    case 'resigned':
    case 'removed':
      return `ask why: docs/errors/MEM-004.md; accounts invite --account ${account}`;
    case 'paused':
      return 'ask why: docs/errors/MEM-002.md';
    case 'failed':
      return 'correct the e-mail: docs/errors/MEM-003.md';
    case 'unknown':
      return 'look it up in the console of GuardDuty';
    case 'invited':
      return invitedStep(row, now);
    case 'created':
      return `accounts invite --account ${account}`;
    case 'unavailable':
    case 'enabled':
      return '';
  }
}

function invitedStep({ members }: Row, now: number): string {
  const isOld = members.some((member) => needsAttention(member, now));
  return `accounts accept, or remind the owner${isOld ? ': docs/errors/MEM-001.md' : ''}`;
}

function sentence({ members, now }: MembersView, rows: readonly Row[]): string {
  const needy = new Set(members.filter((member) => needsAttention(member, now)).map(keyOf)).size;
  const counts = countMembers(members);
  const parts = MEMBER_STATUSES.filter((status) => counts[status] > 0).map(
    (status) => `${counts[status]} ${WORDS[status].text}`,
  );
  const total = `${rows.length} ${rows.length === 1 ? 'account' : 'accounts'}`;
  const what = parts.length === 0 ? total : `${total}: ${parts.join(', ')}`;
  return needy === 0 ? `${what}.` : `${what}. ${needy} ${needy === 1 ? 'needs' : 'need'} attention.`;
}

function listing(rows: readonly Row[], now: number): Listing<MemberFacts & { readonly name: string }> {
  const members = rows.flatMap(({ name, members: each }) => each.map((member) => ({ ...member, name })));
  const unlisted = rows.filter((row) => row.members.length === 0).map(({ account }) => account);
  return {
    name: 'accounts-status',
    generatedAt: now,
    summary: {
      accounts: rows.length,
      byStatus: countMembers(members),
      needAttention: new Set(members.filter((member) => needsAttention(member, now)).map(keyOf)).size,
      unknownToGuardDuty: unlisted,
    },
    rows: members,
    columns: [
      { title: 'CUSTOMER', text: ({ customer }) => customer },
      { title: 'ACCOUNT', text: ({ account }) => account },
      { title: 'NAME', text: ({ name }) => name },
      { title: 'EMAIL', text: ({ email = '' }) => email },
      { title: 'ADMINISTRATOR', text: ({ administrator }) => administrator },
      { title: 'REGION', text: ({ region }) => region },
      { title: 'STATUS', text: ({ status }) => status },
      { title: 'AWS SAYS', text: ({ text }) => text },
      { title: 'SINCE (UTC)', text: ({ since }) => isoOf(since) ?? '' },
    ],
    json: ({ since, text, ...member }) => ({ ...member, awsStatus: text, since: isoOf(since) ?? null }),
  };
}

function isoOf(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
