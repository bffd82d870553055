import type { DestinationRow, Overview, SourceRow } from '../../health/overview.ts';
import { countIn, HEALTHY, NEEDS_ACTION, verdict } from '../../health/verdict.ts';
import type { AgentView, RecentRecord } from '../agent-view.ts';
import { ageText, spanText } from '../terminal/age.ts';
import { GLYPHS } from '../terminal/glyphs.ts';
import { type Content, html, type Markup } from './html.ts';

export interface OverviewPage {
  readonly view: AgentView;
  /** Epoch ms. */
  readonly now: number;
  readonly pattern: string;
}

/** The first page: the verdict in one sentence, what is broken and why, every source, what was delivered. */
export async function overviewPage({ view, now, pattern }: OverviewPage): Promise<string> {
  const overview = view.overview();
  const { records } = await view.search({ pattern, limit: 20 });
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>${titleOf(overview)}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><strong>guardrelay</strong> <span>${view.agentId} · ${view.version}</span> <time>${utc(now)} UTC</time></header>
<main>
<h1 class="${verdictClass(overview)}">${verdict(overview)}</h1>
${sourceTable(overview.sources, now)}
${destinationTable(overview.destinations, now)}
${recordTable(records, pattern, now)}
</main>
</body>
</html>
`;
  return page.text;
}

function titleOf(overview: Overview): string {
  const broken = countIn(overview, NEEDS_ACTION);
  return broken > 0 ? `✖ ${broken} broken · guardrelay` : 'guardrelay';
}

function verdictClass(overview: Overview): string {
  if (countIn(overview, NEEDS_ACTION) > 0) return 'failing';
  return countIn(overview, HEALTHY) === overview.sources.length ? 'ok' : 'pending';
}

function sourceTable(rows: readonly SourceRow[], now: number): Markup {
  return table(
    'Sources',
    ['State', 'Customer', 'Account', 'Region', 'Heartbeat', 'Last event', 'Last read', 'Last ack', 'Why'],
    rows.map((row) => ({
      state: row.state,
      cells: [
        `${GLYPHS[row.state]} ${row.state}`,
        ...[row.customer, row.account, row.region],
        ...[row.lastHeartbeatAt, row.lastEventAt, row.lastReadAt, row.lastAckAt].map((at) =>
          ageCell(at, now),
        ),
        why(row, now),
      ],
    })),
  );
}

function why({ reason, code, since, state }: SourceRow, now: number): Content {
  const started = since === undefined || HEALTHY.includes(state) ? '' : ` (for ${spanText(now - since)})`;
  return code === undefined ? `${reason}${started}` : html`<code>${code}</code> ${reason}${started}`;
}

function destinationTable(rows: readonly DestinationRow[], now: number): Markup {
  return table(
    'Destinations',
    ['State', 'Destination', 'Grade', 'Last ack', 'Oldest waiting', 'Waiting', 'Quarantined', 'Why'],
    rows.map((row) => ({
      state: row.state,
      cells: [
        row.state,
        row.id,
        row.grade,
        ageCell(row.lastAckAt, now),
        row.oldestWaitingAt === undefined ? '-' : ageCell(row.oldestWaitingAt, now),
        row.waiting,
        row.quarantined,
        row.reason ?? (row.behind > 0 ? `behind with ${row.behind} sources` : ''),
      ],
    })),
  );
}

function recordTable(records: readonly RecentRecord[], pattern: string, now: number): Markup {
  const search = html`<form action="/" role="search"><label for="q">Search delivered records</label>
<input id="q" name="q" type="search" value="${pattern}" placeholder="*123456789012*"> <button>Search</button></form>`;
  const rows = records.map((record) => ({
    state: record.kind,
    cells: [
      utc(record.time),
      ...[record.kind, record.severity, record.customer, record.account, record.region, record.what],
      record.acked.map(({ destination, at }) => html`${destination} ${ageCell(at, now)} `),
    ],
  }));
  const head = [
    'Time (UTC)',
    'Kind',
    'Severity',
    'Customer',
    'Account',
    'Region',
    'Type or call',
    'Acknowledged by',
  ];
  return html`${search}${table('Delivered records', head, rows)}`;
}

interface Row {
  readonly state: string;
  readonly cells: readonly Content[];
}

function table(caption: string, head: readonly string[], rows: readonly Row[]): Markup {
  return html`<table>
<caption>${caption} (${rows.length})</caption>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${rows.map(({ state, cells }) => html`<tr class="${state}">${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}
</tbody>
</table>`;
}

function ageCell(at: number | undefined, now: number): Content {
  if (at === undefined) return 'never';
  return html`<time datetime="${new Date(at).toISOString()}" title="${utc(at)} UTC">${ageText(at, now)} ago</time>`;
}

function utc(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
