import type { RelayEvent } from '../model/relay-event.ts';
import { cut, listed, plainLine } from './text.ts';
import { durationText, momentText, timeText } from './time-text.ts';

const MAX_TITLE = 600;
const MAX_SENTENCE = 400;
const MAX_COMMAND = 300;
const MAX_NAME = 100;
const MAX_LINK = 1_000;
/** So many accounts or regions are named, the others counted. */
const NAMED = 5;

/** What an event says to people: plain text, each part one line and bounded, whatever stands in the event. */
export interface Wording {
  /** What happened, where and for how long, with a sign before it. */
  readonly headline: string;
  readonly likely?: string;
  /** The command to run. */
  readonly fix?: string;
  /** An https or http URL. */
  readonly link?: string;
  /** All of it in one line. */
  readonly text: string;
  /** The particulars. */
  readonly facts: readonly Fact[];
}

interface Fact {
  readonly name: string;
  readonly value: string;
}

/** `agentId` speaks where an event concerns no customer. */
export function wordingOf(event: RelayEvent, agentId: string): Wording {
  const headline = `${signOf(event)} ${placeOf(event, agentId)}${happened(event)}`;
  const isOver = event.action === 'resolve';
  const likely = isOver ? '' : plainLine(event.likely ?? '', MAX_SENTENCE);
  const fix = isOver ? '' : plainLine(event.command ?? '', MAX_COMMAND);
  const link = linkOf(event);
  const sentences = [sentence(headline), likely && sentence(`Likely: ${likely}`), fix && `Fix: ${fix}`];
  return {
    headline,
    ...(likely !== '' && { likely }),
    ...(fix !== '' && { fix }),
    ...(link !== undefined && { link }),
    text: sentences.filter(Boolean).join(' '),
    facts: factsOf(event, agentId),
  };
}

/** In so many UTF-16 units: what goes first is the likely cause, then the command, then the end of the headline. */
export function shortWording({ text, headline, fix }: Wording, maxLength: number): string {
  const withFix = fix === undefined ? headline : `${sentence(headline)} Fix: ${fix}`;
  return [text, withFix].find((each) => each.length <= maxLength) ?? cut(headline, maxLength);
}

/** What lasts says by its glyph that somebody must act; what has happened says how much it matters. */
function signOf({ action, severity }: RelayEvent): string {
  if (action === 'resolve') return '✔';
  if (severity === 'info') return 'ℹ';
  const glyph = severity === 'critical' ? '✖' : '⚠';
  return action === 'notice' ? `${glyph} ${severity.toUpperCase()}` : glyph;
}

/** Customer, account and region, as far as the title does not name them; nothing where it begins with the customer. */
function placeOf({ title, customer, accounts, regions }: RelayEvent, agentId: string): string {
  const isOfAgent = accounts.length === 0 && regions.length === 0;
  // What concerns several customers names them in its title.
  if (!customer) return isOfAgent ? `${agentId}: ` : '';
  const { id: who, name: whoElse } = customer;
  // A test is marked before all.
  const bare = title.replace(/^\[[A-Z]+\] /, '');
  if ([who, whoElse].some((name) => bare.startsWith(`${name}: `))) return '';
  const names = [
    isNamedIn(title, [who]) ? '' : who,
    isNamedIn(
      title,
      accounts.map(({ id }) => id),
    )
      ? ''
      : accountsText(accounts),
    isNamedIn(title, regions) ? '' : listed(regions, NAMED),
  ];
  const place = names.filter((name) => name !== '').map((name) => plainLine(name, MAX_NAME * NAMED));
  return place.length === 0 ? '' : `${place.join(' / ')}: `;
}

function isNamedIn(title: string, names: readonly string[]): boolean {
  return names.some((name) => name !== '' && title.includes(name));
}

function accountsText(accounts: RelayEvent['accounts']): string {
  const names = accounts.map(({ id, name }) =>
    plainLine(name === undefined ? id : `${id} ${name}`, MAX_NAME),
  );
  return listed(names, NAMED);
}

/** How long it has lasted stands before the reason, where the title ends in that. */
function happened(event: RelayEvent): string {
  const { title, details } = event;
  const because = typeof details.reason === 'string' ? `: ${details.reason}` : '';
  const hasReason = because !== '' && title.endsWith(because);
  const what = plainLine(hasReason ? title.slice(0, -because.length) : title, MAX_TITLE).replace(/\.$/, '');
  return what + lastingOf(event) + (hasReason ? plainLine(because, MAX_SENTENCE) : '');
}

/** ` for 17 min (last heartbeat 20:53 UTC)`; of an end ` after 47 min`. */
function lastingOf(event: RelayEvent): string {
  const lasted = lastedText(event);
  if (event.action === 'resolve') return lasted && ` after ${lasted}`;
  return `${lasted && ` for ${lasted}`}${lastGoodText(event)}`;
}

function lastGoodText({ type, at, lastGoodAt }: RelayEvent): string {
  if (lastGoodAt === undefined) return '';
  const what = type === 'source.silent' ? 'last heartbeat' : 'last good';
  return ` (${what} ${plainLine(timeText(lastGoodAt, at), MAX_NAME)})`;
}

/** Empty where nothing lasts, or it only just began. Silence begins with the last that was heard. */
function lastedText({ at, type, action, since, lastGoodAt }: RelayEvent): string {
  const isSilent = type === 'source.silent' && action !== 'resolve';
  const begun = isSilent ? (lastGoodAt ?? since) : since;
  const lastedMs = Date.parse(at) - Date.parse(begun ?? '');
  return lastedMs >= 1_000 ? durationText(lastedMs) : '';
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function linkOf({ link }: RelayEvent): string | undefined {
  const url = URL.parse(link ?? '');
  const isLink = url !== null && /^https?:$/.test(url.protocol) && url.href.length <= MAX_LINK;
  return isLink ? url.href : undefined;
}

function factsOf(event: RelayEvent, agentId: string): readonly Fact[] {
  const { type, code, severity, customer, accounts, regions, destination, since, lastGoodAt } = event;
  const named = customer?.name === undefined ? customer?.id : `${customer.name} (${customer.id})`;
  const values: readonly (readonly [string, string | undefined])[] = [
    ['Event', `${type} (${code})`],
    ['Severity', severity],
    ['Customer', named],
    [accounts.length > 1 ? 'Accounts' : 'Account', accountsText(accounts)],
    [regions.length > 1 ? 'Regions' : 'Region', listed(regions, NAMED)],
    ['Destination', destination],
    ['Since', since && momentText(since)],
    ['Last good', lastGoodAt && momentText(lastGoodAt)],
    ['Agent', agentId],
  ];
  return values.flatMap(([name, value]) => {
    const line = plainLine(value ?? '', MAX_SENTENCE);
    return line === '' ? [] : [{ name, value: line }];
  });
}
