import { SOURCE_STATES } from '../../health/states.ts';
import { HEALTHY } from '../../health/verdict.ts';
import { GLYPHS } from '../terminal/glyphs.ts';
import { regionCode } from '../terminal/region-code.ts';
import type { SourceAnswer } from './answers.ts';
import { counted, grouped } from './count-text.ts';
import { lagText } from './figures.ts';
import { sinceText, spokenAge, utcText } from './instant-text.ts';

/** What the cells show. */
export const MATRIX_MODES = ['age', 'lag', 'findings', 'errors'] as const;
export type MatrixMode = (typeof MATRIX_MODES)[number];

/** All sources of a customer in a region; the worst of them speaks. */
export interface MatrixCell {
  readonly region: string;
  readonly source: SourceAnswer;
  readonly sources: number;
}

export interface MatrixRow {
  readonly customer: string;
  readonly state: SourceAnswer['state'];
  readonly accounts: number;
  readonly cells: ReadonlyMap<string, MatrixCell>;
}

export interface Matrix {
  /** Names of the columns. */
  readonly regions: readonly string[];
  /** Problems first. */
  readonly rows: readonly MatrixRow[];
}

/** Customers by regions. The sources come worst first, so the first of a customer, and of its region, is the worst. */
export function matrixOf(sources: readonly SourceAnswer[]): Matrix {
  const regions = [...new Set(sources.map(({ region }) => region))].toSorted();
  const customers = Map.groupBy(worstFirst(sources), ({ customer }) => customer);
  return {
    regions,
    rows: [...customers].flatMap(([customer, [first, ...others]]) =>
      first ? [rowOf(customer, [first, ...others])] : [],
    ),
  };
}

function worstFirst(sources: readonly SourceAnswer[]): readonly SourceAnswer[] {
  return sources.toSorted(
    (one, other) => SOURCE_STATES.indexOf(one.state) - SOURCE_STATES.indexOf(other.state),
  );
}

function rowOf(customer: string, sources: readonly [SourceAnswer, ...SourceAnswer[]]): MatrixRow {
  const cells = new Map<string, MatrixCell>();
  for (const source of sources) {
    const seen = cells.get(source.region);
    cells.set(source.region, {
      region: source.region,
      source: seen?.source ?? source,
      sources: (seen?.sources ?? 0) + 1,
    });
  }
  return {
    customer,
    state: sources[0].state,
    accounts: new Set(sources.map(({ account }) => account)).size,
    cells,
  };
}

/** Customers that are shown without being asked for; the others are counted. */
export function isQuietRow({ state }: MatrixRow): boolean {
  return HEALTHY.includes(state) || state === 'off';
}

export function columnTitle(region: string): string {
  return regionCode(region);
}

/** What cells are written from. */
export interface MatrixLook {
  readonly mode: MatrixMode;
  /** Epoch ms. */
  readonly now: number;
  /** By `findingsKey`; absent: not known yet. */
  readonly findings?: ReadonlyMap<string, number> | undefined;
}

/** Always words, because colour says nothing to some. */
export function cellText(cell: MatrixCell, look: MatrixLook): string {
  const { state } = cell.source;
  const words = wordsOf(cell, look);
  const sign = HEALTHY.includes(state) && words !== '' ? '' : GLYPHS[state];
  return [sign, words].filter((part) => part !== '').join(' ');
}

function wordsOf({ source, region }: MatrixCell, { mode, now, findings }: MatrixLook): string {
  const { customer, lagSeconds, code, lastHeartbeatAt, lastEventAt } = source;
  if (mode === 'lag') return lagSeconds === undefined ? '' : lagText(lagSeconds);
  if (mode === 'errors') return code ?? '';
  if (mode === 'findings') return findings ? grouped(findings.get(findingsKey(customer, region)) ?? 0) : '';
  const proof = lastHeartbeatAt ?? lastEventAt;
  return proof === undefined ? '' : sinceText(proof, now);
}

function findingsKey(customer: string, region: string): string {
  return `${customer} ${region}`;
}

/** How many of these records each customer has in each region. */
export function findingsBy(
  records: readonly { readonly customer: string; readonly region: string }[],
): ReadonlyMap<string, number> {
  const groups = Map.groupBy(records, ({ customer, region }) => findingsKey(customer, region));
  return new Map([...groups].map(([key, each]) => [key, each.length]));
}

/** All of a cell for a screen reader: customer, region, state, proof. */
export function cellName({ source, sources, region }: MatrixCell, now: number): string {
  const { customer, state, code, lastHeartbeatAt } = source;
  const heartbeat =
    lastHeartbeatAt === undefined
      ? 'no heartbeat yet'
      : `last heartbeat ${spokenAge(lastHeartbeatAt, now)} ago`;
  const several = sources > 1 ? [`worst of ${counted(sources, 'source')}`] : [];
  return [customer, region, state, ...(code === undefined ? [] : [code]), heartbeat, ...several].join(', ');
}

/** What is shown on hover and focus: where it is, and the time itself. */
export function cellTip({ source }: MatrixCell): string {
  const { customer, account, region, state, lastHeartbeatAt } = source;
  const proof =
    lastHeartbeatAt === undefined ? 'no heartbeat yet' : `heartbeat ${utcText(lastHeartbeatAt)} UTC`;
  return `${customer} / ${account} / ${region}: ${state}, ${proof}`;
}

/** One source opens by itself, several as a list. */
export function cellLink({ source, sources, region }: MatrixCell): string {
  const wanted = new URLSearchParams({ customer: source.customer, region });
  return sources === 1 ? `/sources/${source.id}` : `/sources?${wanted}`;
}
