import { daysLeft, isExpiring } from '../../health/certificates.ts';
import type { LongQuiet } from '../../health/long-quiet.ts';
import type { DestinationRow, Overview, SourceRow } from '../../health/overview.ts';
import { isProblem, longestSince, problemsOf } from '../../health/problems.ts';
import { keepLonger } from '../../health/retention.ts';
import { countMuted, HEALTHY, isRead, verdictLines } from '../../health/verdict.ts';
import { iso } from '../api/instant.ts';
import { toSourceJson } from '../api/source-json.ts';
import { statusSummary } from '../api/status.ts';
import { ageText, daysText, spanText } from './age.ts';
import { GLYPHS } from './glyphs.ts';
import { type Listing, renderListing } from './listing.ts';
import { printable } from './printable.ts';
import type { Screen } from './screen.ts';
import { STATE_TONES } from './state-tones.ts';
import { renderMatrix } from './status-matrix.ts';
import { renderTable, type Table } from './table.ts';

/** What of the sources a terminal shows. Everything else that reads the output gets all of them. */
export interface StatusView {
  /** Customers by regions instead of one source to a line. */
  readonly matrix: boolean;
  /** Also those that are proven, which are counted otherwise. */
  readonly all: boolean;
}

/** So few are shown in any case. */
const ALWAYS_SHOWN = 20;
const SHOWN_STEPS = 3;

/** The whole of `status` for stdout: sources with problems first, then destinations, then the verdict. */
export function renderStatus(
  overview: Overview,
  screen: Screen,
  now: number,
  view: StatusView = { matrix: false, all: false },
): string {
  if (screen.output !== 'table') return renderListing(sourceListing(overview, now), screen);
  const isSmall = overview.sources.filter(isRead).length <= ALWAYS_SHOWN;
  const shown = view.matrix
    ? renderMatrix(overview, { screen, now, all: view.all || isSmall })
    : renderSources(overview, { screen, now, all: view.all, isSmall });
  const destinations = renderTable(destinationTable(overview.destinations, now), screen);
  const riskText = riskLines(overview.sources, now)
    .map((line) => `${line}\n`)
    .join('');
  const certificates = certificateLines(overview.destinations, now).join('');
  const quiet = quietLines(overview.longQuiet, now).join('');
  const verdictText = verdictLines(overview).join('\n');
  const steps = stepLines(overview).join('');
  const mutedText = countMuted(overview).all > 0 ? 'What is muted by hand: guardrelay mute\n' : '';
  return `${shown}\n${destinations}${verdictText}\n${steps}${mutedText}${riskText}${quiet}${certificates}${quarantineText(overview.destinations)}`;
}

interface SourcesView {
  readonly screen: Screen;
  readonly now: number;
  readonly all: boolean;
  /** So few sources that those which are proven are shown too. */
  readonly isSmall: boolean;
}

/** What is proven is counted in one line, and regions that share a cause stand in one. */
function renderSources(overview: Overview, { screen, now, all, isSmall }: SourcesView): string {
  const listing = sourceListing(overview, now);
  if (all) return renderListing(listing, screen);
  const read = listing.rows.filter(isRead);
  const rows = isSmall ? read : byCause(read.filter((row) => !isProven(row)));
  const shown = rows.length > 0 ? renderListing({ ...listing, rows }, screen) : '';
  const proven = isSmall ? 0 : read.filter(isProven).length;
  const folded = [
    ...(proven > 0 ? [`${countText(proven)} proven, nothing to report`] : []),
    ...regionsOffText(listing.rows.length - read.length),
  ];
  return folded.length === 0 ? shown : `${shown}+ ${folded.join('; ')} (--all shows them)\n`;
}

/** A source that is muted without need is proven all the same. */
function isProven({ state, underlying = state }: SourceRow): boolean {
  return HEALTHY.includes(underlying);
}

function regionsOffText(count: number): readonly string[] {
  return count === 0 ? [] : [`${count === 1 ? '1 region' : `${count} regions`} not enabled`];
}

/** The regions of an account that are in the same state for the same cause, as one row with the words of the first. */
function byCause(rows: readonly SourceRow[]): readonly SourceRow[] {
  const causeOf = ({ customer, account, state, code, reason }: SourceRow): string =>
    JSON.stringify([customer, account, state, code ?? reason]);
  return [...Map.groupBy(rows, causeOf).values()].flatMap(([first, ...others]) => {
    if (!first || others.length === 0) return first ?? [];
    const since = longestSince([first, ...others]);
    return { ...first, since, region: `${first.region} +${others.length}` };
  });
}

/** What to run for the worst of what is wrong. A command is not broken into lines. */
function stepLines({ sources }: Overview): readonly string[] {
  const steps = new Set(problemsOf(sources).map(({ next }) => next));
  if (steps.size === 0) return [];
  const left = steps.size - SHOWN_STEPS;
  const shown = [...steps].slice(0, SHOWN_STEPS).map((step) => `  ${printable(step)}\n`);
  return ['What to do:\n', ...shown, ...(left > 0 ? [`  and ${left} more, each as "next" in --json\n`] : [])];
}

/** For each destination by when it must take records again, and how to gain time. A command is not broken into lines. */
function riskLines(sources: readonly SourceRow[], now: number): readonly string[] {
  const atRisk = sources.flatMap(({ risk, ...source }) => (risk ? [{ source, risk }] : []));
  const byDestination = Map.groupBy(atRisk, ({ risk }) => risk.destination);
  return [...byDestination].flatMap(([destination, each]) => {
    const [first] = each.toSorted((one, other) => one.risk.expiresAt - other.risk.expiresAt);
    if (!first) return [];
    const { source, risk } = first;
    const by = iso(risk.expiresAt).slice(0, 16).replace('T', ' ');
    const kept = each.every(({ risk: { isSpooled } }) => isSpooled) ? '; the spool holds them' : '';
    const expiry = risk.expiresAt > now ? `soon, the first at ${by}` : `since ${by}`;
    return [
      `${destination}: events of ${countText(each.length)} expire ${expiry} UTC${kept}.`,
      `To gain time, for each account and region; here for ${source.account}:`,
      `  ${keepLonger(source.logGroup, source.region, risk.retentionDays)}`,
    ].map(printable);
  });
}

function countText(count: number): string {
  return count === 1 ? '1 source' : `${count} sources`;
}

/** No fault, and yet somebody wants to know. */
function quietLines(customers: readonly LongQuiet[], now: number): readonly string[] {
  return customers.map(({ customer, since, lastFindingAt, expectedWithinMs }) => {
    const sofar = lastFindingAt === undefined ? 'no finding yet, for' : 'no finding for';
    return `${printable(customer)}: ${sofar} ${spanText(now - since)}; one was expected within ${spanText(expectedWithinMs)}.\n`;
  });
}

/** As long as it costs nothing but a renewal. */
function certificateLines(rows: readonly DestinationRow[], now: number): readonly string[] {
  return rows.flatMap(({ id, certificateExpiresAt: at }) => {
    if (!isExpiring(at, now)) return [];
    const days = daysLeft(at, now);
    const when = days < 0 ? 'ended' : `ends in ${days === 1 ? '1 day' : `${days} days`},`;
    return [`${printable(id)}: its TLS certificate ${when} on ${iso(at).slice(0, 10)}. Renew it.\n`];
  });
}

/** What may be overlooked, because nothing is red for it. */
function quarantineText(rows: readonly DestinationRow[]): string {
  const records = rows.reduce((sum, { quarantined }) => sum + quarantined, 0);
  if (records === 0) return '';
  const stand = records === 1 ? '1 refused record stands' : `${records} refused records stand`;
  return `${stand} in quarantine: guardrelay quarantine list\n`;
}

function sourceListing(overview: Overview, now: number): Listing<SourceRow> {
  return {
    name: 'status',
    generatedAt: now,
    summary: statusSummary(overview),
    rows: overview.sources,
    columns: [
      {
        title: 'STATE',
        text: ({ state }) => `${GLYPHS[state]} ${state}`,
        tone: ({ state }) => STATE_TONES[state],
      },
      { title: 'CUSTOMER', text: ({ customer }) => customer },
      { title: 'ACCOUNT', text: ({ account }) => account },
      { title: 'REGION', text: ({ region }) => region },
      {
        title: 'HEARTBEAT',
        text: ({ lastHeartbeatAt }) => ageText(lastHeartbeatAt, now),
      },
      { title: 'LAST EVENT', text: ({ lastEventAt }) => ageText(lastEventAt, now) },
      { title: 'LAST READ', text: ({ lastReadAt }) => ageText(lastReadAt, now), minTerminal: 110 },
      { title: 'LAST ACK', text: ({ lastAckAt }) => ageText(lastAckAt, now), minTerminal: 110 },
      { title: 'LAG', text: ({ lagSeconds }) => lagText(lagSeconds), align: 'right', minTerminal: 110 },
    ],
    remark: { title: 'WHY', text: (row) => whyText(row, now) },
    json: toSourceJson,
  };
}

function destinationTable(rows: readonly DestinationRow[], now: number): Table<DestinationRow> {
  return {
    rows,
    columns: [
      { title: 'DESTINATION', text: ({ id }) => id },
      { title: 'STATE', text: ({ state }) => state, tone: ({ state }) => STATE_TONES[state] },
      { title: 'GRADE', text: ({ grade }) => grade },
      {
        title: 'TLS',
        text: ({ certificateExpiresAt: at }) => daysText(at, now),
        tone: ({ certificateExpiresAt: at }) => (isExpiring(at, now) ? 'warning' : undefined),
        minTerminal: 100,
      },
      { title: 'LAST ACK', text: ({ lastAckAt }) => ageText(lastAckAt, now) },
      {
        title: 'OLDEST WAITING',
        text: ({ oldestWaitingAt }) =>
          oldestWaitingAt === undefined ? '-' : spanText(now - oldestWaitingAt),
      },
      { title: 'WAITING', text: ({ waiting }) => String(waiting), align: 'right' },
      { title: 'QUARANTINED', text: ({ quarantined }) => String(quarantined), align: 'right' },
    ],
    remark: {
      title: 'WHY',
      text: ({ reason, behind }) => reason ?? (behind > 0 ? `behind with ${behind} sources` : ''),
    },
  };
}

function lagText(seconds: number | undefined): string {
  return seconds === undefined ? '-' : `${seconds.toFixed(1)}s`;
}

/** Healthy sources need no words: problems stand out. */
function whyText({ state, code, reason, since }: SourceRow, now: number): string {
  if (HEALTHY.includes(state)) return '';
  const lasts = isProblem(state) && since !== undefined ? `for ${spanText(now - since)}: ` : '';
  return `${lasts}${code === undefined ? '' : `${code} `}${reason}`;
}
