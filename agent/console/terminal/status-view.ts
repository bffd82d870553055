import type { DestinationRow, Overview, SourceRow } from '../../health/overview.ts';
import { countIn, HEALTHY, NEEDS_ACTION, verdict } from '../../health/verdict.ts';
import { ageText, spanText } from './age.ts';
import { GLYPHS } from './glyphs.ts';
import { type Listing, renderListing } from './listing.ts';
import type { Screen } from './screen.ts';
import { renderTable, type Table, type Tone } from './table.ts';

const TONES: Readonly<Record<SourceRow['state'] | DestinationRow['state'], Tone>> = {
  failing: 'bad',
  blocked: 'bad',
  silent: 'bad',
  lagging: 'warning',
  retrying: 'warning',
  unproven: 'warning',
  pending: 'faint',
  idle: 'faint',
  quiet: 'good',
  ok: 'good',
};

/** The whole of `status` for stdout: sources with problems first, then destinations, then the verdict. */
export function renderStatus(overview: Overview, screen: Screen, now: number): string {
  const sources = sourceListing(overview, now);
  const shown = renderListing(sources, screen);
  if (screen.output !== 'table') return shown;
  const destinations = renderTable(destinationTable(overview.destinations, now), screen);
  return `${shown}\n${destinations}${verdict(overview)}\n${quarantineText(overview.destinations)}`;
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
    summary: {
      verdict: verdict(overview),
      sources: overview.sources.length,
      needAction: countIn(overview, NEEDS_ACTION),
      states: overview.counts,
      destinations: overview.destinations.map((row) => ({ ...row, ...isoTimes(row) })),
    },
    rows: overview.sources,
    columns: [
      {
        title: 'STATE',
        text: ({ state }) => `${GLYPHS[state]} ${state}`,
        tone: ({ state }) => TONES[state],
      },
      { title: 'CUSTOMER', text: ({ customer }) => customer },
      { title: 'ACCOUNT', text: ({ account }) => account },
      { title: 'REGION', text: ({ region }) => region },
      {
        title: 'HEARTBEAT',
        text: ({ lastHeartbeatAt }) => ageText(lastHeartbeatAt, now),
        minTerminal: 100,
      },
      { title: 'LAST EVENT', text: ({ lastEventAt }) => ageText(lastEventAt, now) },
      { title: 'LAST READ', text: ({ lastReadAt }) => ageText(lastReadAt, now) },
      { title: 'LAST ACK', text: ({ lastAckAt }) => ageText(lastAckAt, now) },
      { title: 'LAG', text: ({ lagSeconds }) => lagText(lagSeconds), align: 'right', minTerminal: 100 },
    ],
    remark: { title: 'WHY', text: whyText },
    json: (row) => ({ ...row, ...isoTimes(row) }),
  };
}

function destinationTable(rows: readonly DestinationRow[], now: number): Table<DestinationRow> {
  return {
    rows,
    columns: [
      { title: 'DESTINATION', text: ({ id }) => id },
      { title: 'STATE', text: ({ state }) => state, tone: ({ state }) => TONES[state] },
      { title: 'GRADE', text: ({ grade }) => grade },
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
function whyText({ state, code, reason }: SourceRow): string {
  if (HEALTHY.includes(state)) return '';
  return code === undefined ? reason : `${code} ${reason}`;
}

interface Timed {
  readonly since?: number | undefined;
  readonly lastHeartbeatAt?: number | undefined;
  readonly lastEventAt?: number | undefined;
  readonly lastReadAt?: number | undefined;
  readonly lastAckAt?: number | undefined;
  readonly oldestWaitingAt?: number | undefined;
}

/** Epoch milliseconds as ISO 8601, for JSON. */
function isoTimes(row: Timed): Readonly<Record<string, string | undefined>> {
  const { since, lastHeartbeatAt, lastEventAt, lastReadAt, lastAckAt, oldestWaitingAt } = row;
  const times = Object.entries({
    since,
    lastHeartbeatAt,
    lastEventAt,
    lastReadAt,
    lastAckAt,
    oldestWaitingAt,
  });
  return Object.fromEntries(times.map(([name, at]) => [name, at === undefined ? undefined : isoTime(at)]));
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
