import type { FoundRecords, RecentRecord } from '../agent-view.ts';
import { clockText, utcText } from '../view/instant-text.ts';
import { html, type Markup } from './html.ts';

const HEAD = [
  'Time (UTC)',
  'Kind',
  'Severity',
  'Customer',
  'Account',
  'Region',
  'Type or call',
  'Acknowledged by',
];

/** Delivered records that match, and where to ask for others. */
export function searchBody({ records }: FoundRecords, pattern: string): Markup {
  return html`<h1>Search</h1>
<form class="bar" action="/search" role="search"><label class="wide">Account, part of a record, or *pattern*
<input name="q" type="search" value="${pattern}" placeholder="*123456789012*"></label> <button class="primary">Search</button></form>
${records.length === 0 ? html`<p class="empty">No record of the last seven days matches.</p>` : recordTable(records)}`;
}

function recordTable(records: readonly RecentRecord[]): Markup {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Records"><table>
<thead><tr>${HEAD.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${records.map(recordRow)}</tbody></table></div>`;
}

function recordRow({
  time,
  kind,
  severity,
  level,
  customer,
  account,
  region,
  what,
  acked,
}: RecentRecord): Markup {
  const cells = [
    ...[utcText(time), kind, severity ?? level, customer, account, region, what],
    acked.map(({ destination, at }) => `${destination} ${clockText(at)} `),
  ];
  return html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`;
}
