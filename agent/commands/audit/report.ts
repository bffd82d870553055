import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import { type Column, renderTable } from '../../console/terminal/table.ts';
import type { AuditReport } from '../../relay/audit.ts';
import type { AuditWindow, MissingEvent, SourceAudit } from '../../relay/audit-source.ts';
import { VERDICTS, type Verdict } from '../../relay/audit-verdict.ts';

/** Ids that people see; JSON has all of them. */
const MAX_SHOWN = 20;

interface AuditView {
  readonly window: AuditWindow;
  /** Epoch ms. */
  readonly now: number;
  readonly screen: Screen;
}

/** All sources together. */
export interface AuditCounts extends Readonly<Record<Verdict, number>> {
  readonly events: number;
  /** Sources whose window was not read to its end. */
  readonly unread: number;
}

export function auditCounts({ sources }: AuditReport): AuditCounts {
  const total = { events: 0, unread: 0, delivered: 0, quarantined: 0, notOwed: 0, waiting: 0, missing: 0 };
  for (const { events, counts, failure } of sources) {
    total.events += events;
    total.unread += failure ? 1 : 0;
    for (const verdict of VERDICTS) total[verdict] += counts[verdict];
  }
  return total;
}

/** The sources, what is missing, and all of it in one sentence. */
export function printAudit(report: AuditReport, { window, now, screen }: AuditView): void {
  const isTable = screen.output === 'table';
  const hasRows = isTable || screen.output === 'plain';
  process.stdout.write(renderListing(listing(report, window, now), screen));
  const words = isTable ? process.stdout : process.stderr;
  if (hasRows) words.write(missingText(report, screen));
  words.write(`${sentence(report)}\n`);
  for (const { code, reason } of report.leftOut) process.stderr.write(`${code} ${reason}\n`);
}

function listing(report: AuditReport, { from, to }: AuditWindow, now: number): Listing<SourceAudit> {
  return {
    name: 'audit',
    generatedAt: now,
    summary: {
      ...{ from: isoTime(from), to: isoTime(to), sources: report.sources.length },
      ...auditCounts(report),
      leftOut: report.leftOut,
    },
    rows: report.sources,
    columns: [
      { title: 'CUSTOMER', text: ({ source }) => source.customer },
      { title: 'ACCOUNT', text: ({ source }) => source.account },
      { title: 'REGION', text: ({ source }) => source.region },
      { title: 'EVENTS', text: ({ events }) => String(events), align: 'right' },
      countColumn('DELIVERED', 'delivered'),
      countColumn('QUARANTINED', 'quarantined'),
      countColumn('NOT OWED', 'notOwed'),
      countColumn('WAITING', 'waiting'),
      countColumn('MISSING', 'missing'),
    ],
    remark: {
      title: 'WHY NOT READ',
      text: ({ failure }) => (failure ? `${failure.code} ${failure.text}` : ''),
    },
    json: ({ source, events, counts, missing, failure }) => ({
      ...{ ...source, events, ...counts },
      missingEvents: missing.map(jsonOf),
      ...(failure ? { failure } : {}),
    }),
  };
}

function countColumn(title: string, verdict: Verdict): Column<SourceAudit> {
  return {
    title,
    text: ({ counts }) => String(counts[verdict]),
    align: 'right',
    tone: ({ counts }) => (verdict === 'missing' && counts.missing > 0 ? 'bad' : undefined),
  };
}

function missingText({ sources }: AuditReport, screen: Screen): string {
  const missing = sources.flatMap(({ missing }) => missing);
  if (missing.length === 0) return '';
  const rows = missing.slice(0, MAX_SHOWN);
  const columns: readonly Column<MissingEvent>[] = [
    { title: 'MISSING AT', text: ({ destination }) => destination },
    { title: 'EVENT TIME (UTC)', text: ({ timestamp }) => isoTime(timestamp) },
  ];
  const table = renderTable({ columns, rows, remark: { title: 'EVENT ID', text: ({ id }) => id } }, screen);
  const more = missing.length - rows.length;
  return more > 0 ? `\n${table}… and ${more} more: --json lists all.\n` : `\n${table}`;
}

function sentence(report: AuditReport): string {
  const { events, unread, delivered, quarantined, notOwed, waiting, missing } = auditCounts(report);
  const pairs = delivered + quarantined + notOwed + waiting + missing;
  const counted = [
    `${delivered} delivered`,
    `${quarantined} in quarantine`,
    `${notOwed} not owed`,
    `${waiting} waiting`,
    `${missing} missing`,
  ];
  const read = `${events} events of ${report.sources.length} sources, counted once per destination (${pairs})`;
  const rest = unread > 0 ? ` ${unread} of the sources could not be read.` : '';
  return `${read}: ${counted.join(', ')}.${rest}`;
}

function jsonOf({ timestamp, ingestionTime, id, ...event }: MissingEvent) {
  return { eventId: id, ...event, timestamp: isoTime(timestamp), ingestionTime: isoTime(ingestionTime) };
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
