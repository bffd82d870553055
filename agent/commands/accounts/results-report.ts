import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import { type Screen, type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { renderTable, type Tone } from '../../console/terminal/table.ts';
import { wrap } from '../../console/terminal/width.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';

/** What became of one account in one region. */
export interface PlaceResult {
  readonly account: string;
  /** Absent: in every region. */
  readonly region?: string;
  readonly outcome: string;
  readonly reason?: string;
}

/** How an outcome is told. */
interface OutcomeWords {
  readonly text: string;
  readonly glyph: string;
  readonly tone: Tone;
}

export interface ResultsReport {
  /** `invite` makes the schema `guardrelay.accounts-invite/v1`. */
  readonly verb: string;
  readonly customer: string;
  readonly names: ReadonlyMap<string, string>;
  readonly results: readonly PlaceResult[];
  /** The worst first. */
  readonly words: Readonly<Record<string, OutcomeWords>>;
}

/** So few are shown in any case. */
const ALWAYS_SHOWN = 10;

/** A row for each account on a terminal, for each account and region otherwise. */
export function printResults(report: ResultsReport, wishes: ScreenWishes): void {
  const screen = screenFor(wishes, process.env, process.stdout);
  const isTable = screen.output === 'table';
  process.stdout.write(isTable ? tableText(report, screen) : renderListing(listing(report), screen));
}

/** What went well is counted in one line. */
function tableText(report: ResultsReport, screen: Screen): string {
  const { rows, ...table } = folded(report);
  const isWell = ({ results }: Folded): boolean =>
    results.every(({ outcome }) => report.words[outcome]?.tone === 'good');
  const well = rows.length > ALWAYS_SHOWN ? rows.filter(isWell) : [];
  const shown = rows.filter((row) => !well.includes(row));
  const text = shown.length === 0 ? '' : renderTable({ ...table, rows: shown }, screen);
  const rest = well.length === 0 ? '' : `+ ${well.length} accounts without a problem (-o plain lists them)\n`;
  return `${text}${rest}${wrap(sentence(report), screen.width).join('\n')}\n`;
}

/** Partly done, if anything was not. */
export function resultsCode(results: readonly PlaceResult[], done: readonly string[]): ExitCode {
  return results.every(({ outcome }) => done.includes(outcome)) ? EXIT.done : EXIT.partly;
}

/** `5 regions`, or the names of few. */
export function regionsText(regions: readonly string[]): string {
  return regions.length > 3 ? `${regions.length} regions` : regions.join(', ');
}

function listing({ verb, customer, names, results }: ResultsReport): Listing<PlaceResult> {
  const outcomes = [...Map.groupBy(results, ({ outcome }) => outcome)];
  const counts = Object.fromEntries(outcomes.map(([outcome, each]) => [outcome, each.length]));
  return {
    name: `accounts-${verb}`,
    generatedAt: systemClock.now(),
    summary: { customer, ...counts },
    rows: results,
    columns: [
      { title: 'ACCOUNT', text: ({ account }) => account },
      { title: 'NAME', text: ({ account }) => names.get(account) ?? '' },
      { title: 'REGION', text: ({ region = '*' }) => region },
      { title: 'RESULT', text: ({ outcome }) => outcome },
      { title: 'REASON', text: ({ reason = '' }) => reason },
    ],
    json: (row) => ({ customer, ...row }),
  };
}

interface Folded {
  readonly account: string;
  readonly results: readonly PlaceResult[];
}

function folded({ names, results, words }: ResultsReport) {
  const ranks = Object.keys(words);
  const rank = ({ results: each }: Folded): number =>
    Math.min(...each.map(({ outcome }) => ranks.indexOf(outcome)));
  const rows = [...Map.groupBy(results, ({ account }) => account)].map(
    ([account, each]): Folded => ({ account, results: each }),
  );
  return {
    rows: rows.toSorted((one, other) => rank(one) - rank(other)),
    columns: [
      { title: 'ACCOUNT', text: ({ account }: Folded) => account },
      { title: 'NAME', text: ({ account }: Folded) => names.get(account) ?? '' },
      {
        title: 'RESULT',
        text: ({ results: each }: Folded) => outcomesText(each, words),
        tone: (row: Folded) => words[ranks[rank(row)] ?? '']?.tone,
      },
    ],
    remark: { title: 'REASON', text: ({ results: each }: Folded) => reasonsText(each) },
  };
}

function outcomesText(results: readonly PlaceResult[], words: ResultsReport['words']): string {
  const counts = Map.groupBy(results, ({ outcome }) => outcome);
  return Object.entries(words)
    .flatMap(([outcome, { glyph, text }]) => {
      const each = counts.get(outcome);
      return each ? `${glyph} ${text} ${countText(each)}` : [];
    })
    .join('  ');
}

/** A result without a region stands for all of the account. */
function countText(results: readonly PlaceResult[]): string {
  return results.some(({ region }) => region === undefined) ? 'everywhere' : String(results.length);
}

function reasonsText(results: readonly PlaceResult[]): string {
  const byReason = Map.groupBy(results, ({ reason }) => reason ?? '');
  return [...byReason]
    .filter(([reason]) => reason !== '')
    .map(([reason, each]) =>
      `${regionsText(each.flatMap(({ region }) => region ?? []))}: ${reason}`.replace(/^: /, ''),
    )
    .join('; ');
}

function sentence({ results, words, customer }: ResultsReport): string {
  const accounts = new Set(results.map(({ account }) => account)).size;
  const counts = Map.groupBy(results, ({ outcome }) => outcome);
  const parts = Object.entries(words).flatMap(([outcome, { text }]) => {
    const count = counts.get(outcome)?.length ?? 0;
    return count > 0 ? `${count} ${text}` : [];
  });
  const what = `${accounts} ${accounts === 1 ? 'account' : 'accounts'}`;
  return printable(`${customer}: ${what}, by account and region: ${parts.reverse().join(', ')}.`);
}
