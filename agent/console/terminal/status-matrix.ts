import type { Overview, SourceRow } from '../../health/overview.ts';
import { HEALTHY, isRead } from '../../health/verdict.ts';
import { ageText } from './age.ts';
import { GLYPHS } from './glyphs.ts';
import { regionCode } from './region-code.ts';
import type { Screen } from './screen.ts';
import { STATE_TONES } from './state-tones.ts';
import { type Column, renderTable } from './table.ts';

/** The sources of a customer, by region; problems first. */
interface MatrixRow {
  readonly customer: string;
  readonly sources: readonly SourceRow[];
  readonly byRegion: ReadonlyMap<string, SourceRow>;
}

interface MatrixView {
  readonly screen: Screen;
  /** Epoch ms. */
  readonly now: number;
  /** Customers whose sources are all proven, too. */
  readonly all: boolean;
}

const CELL_WIDTH = 7;
/** Sign, number of accounts, and what stands between columns. */
const BESIDE_CUSTOMER = 9;

/** Customers by regions: in each cell the age of the heartbeat, of the worst account, with a sign where it is no good. */
export function renderMatrix(overview: Overview, { screen, now, all }: MatrixView): string {
  const sources = overview.sources.filter(isRead);
  const customers = matrixRows(sources);
  const shown = all ? customers : customers.filter(({ sources: [first] }) => first && !isHealthy(first));
  const regions = columnsOf(
    all ? sources : sources.filter((row) => !isHealthy(row)),
    sources,
    roomFor(shown, screen),
  );
  const blocks = regions.map((some) => renderTable(tableOf(shown, some, now), screen));
  return `${blocks.join('\n')}${foldText(customers.length - shown.length)}`;
}

/** Rows come worst first, so the first of a customer, and of its region, is the worst. */
function matrixRows(sources: readonly SourceRow[]): readonly MatrixRow[] {
  return [...Map.groupBy(sources, ({ customer }) => customer)].map(([customer, rows]) => ({
    customer,
    sources: rows,
    byRegion: new Map(rows.toReversed().map((row) => [row.region, row])),
  }));
}

function roomFor(rows: readonly MatrixRow[], { width }: Screen): number {
  const customer = rows.reduce((most, row) => Math.max(most, row.customer.length), 'CUSTOMER'.length);
  return Math.max(1, Math.floor((width - customer - BESIDE_CUSTOMER) / CELL_WIDTH));
}

/** All regions where they fit; else those with a problem, in as many blocks as they need. */
function columnsOf(
  problems: readonly SourceRow[],
  sources: readonly SourceRow[],
  room: number,
): readonly (readonly string[])[] {
  const every = regionsIn(sources);
  const wanted = every.length <= room || problems.length === 0 ? every : regionsIn(problems);
  return Array.from({ length: Math.ceil(wanted.length / room) }, (_, at) =>
    wanted.slice(at * room, at * room + room),
  );
}

function regionsIn(rows: readonly SourceRow[]): readonly string[] {
  return [...new Set(rows.map(({ region }) => region))].toSorted();
}

function tableOf(rows: readonly MatrixRow[], regions: readonly string[], now: number) {
  const cells = regions.map(
    (region): Column<MatrixRow> => ({
      title: regionCode(region),
      text: ({ byRegion }) => cellText(byRegion.get(region), now),
      tone: ({ byRegion }) => toneOf(byRegion.get(region)),
      align: 'right',
    }),
  );
  const customer: Column<MatrixRow> = {
    title: 'CUSTOMER',
    text: ({ customer: id, sources: [first] }) => `${first ? GLYPHS[first.state] : ' '} ${id}`,
    tone: ({ sources: [first] }) => toneOf(first),
  };
  const accounts: Column<MatrixRow> = {
    title: 'ACC',
    text: ({ sources }) => String(new Set(sources.map(({ account }) => account)).size),
    align: 'right',
  };
  return { rows, columns: [customer, accounts, ...cells] };
}

function cellText(row: SourceRow | undefined, now: number): string {
  if (!row) return '·';
  const age = row.lastHeartbeatAt === undefined ? '' : ageText(row.lastHeartbeatAt, now);
  return isHealthy(row) ? age || GLYPHS[row.state] : `${GLYPHS[row.state]}${age}`;
}

/** What is well needs no colour, so that the rest stands out. */
function toneOf(row: SourceRow | undefined) {
  if (!row) return 'faint';
  return isHealthy(row) ? undefined : STATE_TONES[row.state];
}

function isHealthy({ state }: SourceRow): boolean {
  return HEALTHY.includes(state);
}

function foldText(customers: number): string {
  if (customers === 0) return '';
  return `+ ${customers === 1 ? '1 customer' : `${customers} customers`}, nothing to report (--all shows them)\n`;
}
