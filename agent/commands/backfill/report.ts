import { renderListing } from '../../console/terminal/listing.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import type { Column } from '../../console/terminal/table.ts';
import type { LeftOut } from '../../discover/account-regions.ts';
import type { Backfilled } from '../../relay/backfill.ts';

export interface BackfillReport {
  readonly places: readonly Backfilled[];
  readonly leftOut: readonly LeftOut[];
  readonly dryRun: boolean;
  /** Epoch ms. */
  readonly generatedAt: number;
}

type Count = keyof ReturnType<typeof totalOf>;

/** The rows of every account and region on stdout, a sentence on stderr. */
export function printBackfill(report: BackfillReport, screen: Screen): void {
  const { places, leftOut, dryRun, generatedAt } = report;
  const total = totalOf(places);
  const listing = renderListing(
    {
      ...{ name: 'backfill', generatedAt, rows: places, columns: COLUMNS, json },
      summary: { dryRun, ...total },
      remark: { title: 'REMARK', text: (place: Backfilled) => remarkOf(place) },
    },
    screen,
  );
  process.stdout.write(listing);
  process.stderr.write(`${sentenceOf(total, report)}\n`);
  for (const { code, reason } of leftOut) process.stderr.write(`${code} ${reason}\n`);
}

const COLUMNS: readonly Column<Backfilled>[] = [
  { title: 'CUSTOMER', text: ({ source }) => source.customer },
  { title: 'ACCOUNT', text: ({ source }) => source.account },
  { title: 'REGION', text: ({ source }) => source.region },
  countColumn('FINDINGS', 'found'),
  countColumn('DELIVERED', 'delivered'),
  countColumn('QUARANTINED', 'quarantined'),
  countColumn('NOT SENT', 'undelivered'),
];

function countColumn(title: string, count: Count): Column<Backfilled> {
  return { title, text: (place) => String(totalOf([place])[count]), align: 'right' };
}

/** Findings once; deliveries once for each destination. */
function totalOf(places: readonly Backfilled[]) {
  const results = places.flatMap(({ dispatched }) => [...dispatched.values()]);
  return {
    found: places.reduce((sum, { found }) => sum + found, 0),
    delivered: results.reduce((sum, { delivered }) => sum + delivered, 0),
    quarantined: results.reduce((sum, { quarantined }) => sum + quarantined, 0),
    undelivered: results.reduce((sum, { undelivered }) => sum + undelivered, 0),
  };
}

function remarkOf({ failure, detectors }: Backfilled): string {
  if (failure) return `${failure.code} ${failure.text}`;
  return detectors === 0 ? 'GuardDuty is off here' : '';
}

function json({ source, dispatched, detectors, found, failure }: Backfilled): unknown {
  const { customer, account, region } = source;
  return {
    ...{ customer, account, region, detectors, found },
    destinations: Object.fromEntries(dispatched),
    ...(failure ? { code: failure.code, reason: failure.text } : {}),
  };
}

function sentenceOf(total: Readonly<Record<Count, number>>, { places, dryRun }: BackfillReport): string {
  const failed = places.filter(({ failure }) => failure).length;
  const read = `${total.found} findings in ${places.length - failed} of ${places.length} regions`;
  if (dryRun) return `${read}; ${total.undelivered} deliveries would be made.`;
  return `${read}; ${total.delivered} delivered, ${total.quarantined} quarantined, ${total.undelivered} not sent.`;
}
