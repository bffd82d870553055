import { ageText, spanText } from '../../console/terminal/age.ts';
import { GLYPHS } from '../../console/terminal/glyphs.ts';
import { printable } from '../../console/terminal/printable.ts';
import { sparkline } from '../../console/terminal/sparkline.ts';
import { STATE_TONES } from '../../console/terminal/state-tones.ts';
import { renderTable } from '../../console/terminal/table.ts';
import { cut, widthOf } from '../../console/terminal/width.ts';
import { SOURCE_STATES } from '../../health/states.ts';
import { HEALTHY } from '../../health/verdict.ts';
import { helpLines } from './help.ts';
import type { TopFacts, TopSource } from './top-facts.ts';
import type { TopWishes } from './top-keys.ts';
import type { Trends } from './trends.ts';

export interface TopPage {
  readonly agentId: string;
  readonly facts: TopFacts;
  readonly trends: Trends;
  readonly wishes: TopWishes;
  /** Why the facts are no newer. */
  readonly trouble?: string | undefined;
}

export interface PageSize {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

const MAX_DESTINATIONS = 4;
const MAX_CUSTOMERS = 3;
const WIDE = 100;
const USUAL = 80;

/** Every line of the page, no more than there is room for. */
export function topLines(page: TopPage, size: PageSize): readonly string[] {
  const head = [...headLines(page, size), ''];
  const foot = footLine(page, size);
  if (page.wishes.hasHelp) return filled([...head, ...helpLines(size.columns)], foot, size);
  const below = [...destinationLines(page, size), '', ...customerLines(page, size)];
  // The title, one problem and how many more there are.
  const room = Math.max(3, size.rows - head.length - below.length - 2);
  const problems = problemLines(page, { ...size, rows: room });
  return filled([...head, ...problems, '', ...below], foot, size);
}

/** The foot stands in the last line. */
function filled(lines: readonly string[], foot: string, { rows }: PageSize): readonly string[] {
  const shown = lines.slice(0, rows - 1);
  return [...shown, ...Array<string>(rows - 1 - shown.length).fill(''), foot];
}

function headLines({ agentId, facts, trends, trouble }: TopPage, size: PageSize): readonly string[] {
  const { columns } = size;
  const time = `${new Date(facts.at).toISOString().slice(11, 19)} UTC`;
  const title = `guardrelay top · ${agentId}`;
  const numbers = [
    `RECORDS/MIN ${countText(trends.recordsPerMinute)}${barsOf(trends.records, columns)}`,
    `p95 LAG ${lagText(trends.p95LagSeconds)}${barsOf(trends.lags, columns)}`,
    `OLDEST WAITING ${spanText(trends.oldestWaitingMs)}${barsOf(trends.waits, columns)}`,
  ];
  const states = SOURCE_STATES.flatMap((state) => {
    const count = facts.states[state] ?? 0;
    return count > 0 ? [`${GLYPHS[state]} ${count.toLocaleString('en')} ${state}`] : [];
  });
  return [
    `${title}${' '.repeat(Math.max(1, columns - widthOf(title) - widthOf(time)))}${time}`,
    trouble === undefined ? facts.verdict : `✖ ${trouble}; this is what it said last.`,
    numbers.join('   '),
    `SOURCES ${states.join('  ')}`,
  ].map((line) => cut(printable(line), columns));
}

/** Where there is room for them. */
function barsOf(values: readonly (number | undefined)[], columns: number): string {
  if (columns < USUAL) return '';
  return ` ${sparkline(values, columns >= WIDE ? 16 : 6)}`;
}

function problemLines({ facts, wishes }: TopPage, size: PageSize): readonly string[] {
  const problems = facts.sources.filter((source) => isWanted(source, wishes));
  if (problems.length === 0) return ['No problems.'];
  const sorted = wishes.sort === 'state' ? problems : problems.toSorted(by(wishes.sort));
  // One line for the titles, one for what has no room.
  const room = Math.max(1, size.rows - 2);
  const from = Math.min(wishes.scrolled, Math.max(0, sorted.length - room));
  const rows = sorted.slice(from, from + room);
  const table = renderTable<TopSource>(
    {
      rows,
      columns: [
        {
          title: 'STATE',
          text: ({ state }) => `${GLYPHS[state]} ${state}`,
          tone: ({ state }) => STATE_TONES[state],
        },
        { title: 'CUSTOMER', text: ({ customer }) => customer },
        { title: 'ACCOUNT', text: ({ account }) => account, minTerminal: WIDE },
        { title: 'REGION', text: ({ region }) => region },
        { title: 'SINCE', text: ({ since }) => (since === undefined ? '-' : ageText(since, facts.at)) },
        { title: 'WHY', text: ({ code, reason }) => (code === undefined ? reason : `${code} ${reason}`) },
      ],
    },
    { width: size.columns, color: size.color },
  );
  const hidden = sorted.length - rows.length;
  return [...table.trimEnd().split('\n'), ...(hidden > 0 ? [`  and ${hidden} more (↑ ↓ scroll)`] : [])];
}

/** Without a filter, what is not proven; with one, everything that it finds. */
function isWanted(
  { customer, account, region, state, code, reason }: TopSource,
  { filter }: TopWishes,
): boolean {
  if (filter === '') return !HEALTHY.includes(state) && state !== 'off';
  const text = [customer, account, region, state, code, reason].join(' ').toLowerCase();
  return text.includes(filter.toLowerCase());
}

function by(sort: Exclude<TopWishes['sort'], 'state'>): (one: TopSource, other: TopSource) => number {
  if (sort === 'since') return (one, other) => (other.since ?? 0) - (one.since ?? 0);
  return (one, other) => one[sort].localeCompare(other[sort]);
}

function destinationLines({ facts }: TopPage, { columns, color }: PageSize): readonly string[] {
  const rows = facts.destinations.slice(0, MAX_DESTINATIONS);
  const table = renderTable(
    {
      rows,
      columns: [
        { title: 'DESTINATION', text: ({ id }) => id },
        { title: 'STATE', text: ({ state }) => state, tone: ({ state }) => STATE_TONES[state] },
        { title: 'GRADE', text: ({ grade }) => grade },
        { title: 'LAST ACK', text: ({ lastAckAt }) => ageText(lastAckAt, facts.at) },
        { title: 'WAITING', text: ({ waiting }) => countText(waiting), align: 'right' },
        {
          title: 'QUARANTINED',
          text: ({ quarantined }) => countText(quarantined),
          align: 'right',
          minTerminal: USUAL,
        },
        { title: 'WHY', text: ({ reason = '' }) => reason },
      ],
    },
    { width: columns, color },
  );
  const hidden = facts.destinations.length - rows.length;
  return [...table.trimEnd().split('\n'), ...(hidden > 0 ? [`  and ${hidden} more`] : [])];
}

function customerLines({ trends }: TopPage, { columns, color }: PageSize): readonly string[] {
  const rows = [...trends.perCustomer].slice(0, MAX_CUSTOMERS);
  if (rows.length === 0) return ['No records in the last minute.'];
  const table = renderTable<readonly [string, number]>(
    {
      rows,
      columns: [
        { title: 'BUSIEST CUSTOMERS', text: ([customer]) => customer },
        { title: 'RECORDS/MIN', text: ([, rate]) => countText(rate), align: 'right' },
      ],
    },
    { width: columns, color },
  );
  return table.trimEnd().split('\n');
}

function footLine({ wishes }: TopPage, { columns }: PageSize): string {
  if (wishes.isTyping) return cut(`/${printable(wishes.filter)}▏  Enter keeps, Esc clears`, columns);
  const filter = wishes.filter === '' ? '' : `  ·  filter ${printable(wishes.filter)} (Esc clears)`;
  return cut(`q quit  s sort: ${wishes.sort}  / filter  ? help${filter}`, columns);
}

function countText(count: number | undefined): string {
  return count === undefined ? '-' : Math.round(count).toLocaleString('en');
}

function lagText(seconds: number | undefined): string {
  if (seconds === undefined) return '-';
  return Number.isFinite(seconds) ? `≤${spanText(seconds * 1_000)}` : '>1d';
}
