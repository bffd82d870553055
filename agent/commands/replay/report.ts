import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import type { Dispatched } from '../../relay/dispatch.ts';
import type { Replayed } from '../../relay/replay.ts';
import type { ReplayReport } from './replay-window.ts';

interface Row extends Dispatched {
  readonly replayed: Replayed;
  readonly destination: string;
}

/** A row per source and destination on stdout; what a person should know beside it on stderr. */
export function printReplay(report: ReplayReport, screen: Screen, now: number): void {
  process.stdout.write(renderListing(listing(report, now), screen));
  for (const line of remarks(report)) process.stderr.write(`${printable(line)}\n`);
}

function rowsOf(sources: readonly Replayed[]): readonly Row[] {
  return sources.flatMap((replayed) =>
    [...replayed.dispatched].map(([destination, counts]) => ({ ...counts, replayed, destination })),
  );
}

function listing({ window, dryRun, sources }: ReplayReport, now: number): Listing<Row> {
  const count = (title: string, of: (row: Row) => number) =>
    ({ title, text: (row: Row) => String(of(row)), align: 'right' }) as const;
  return {
    name: 'replay',
    generatedAt: now,
    summary: { from: iso(window.from), to: iso(window.to), dryRun, sources: sources.length },
    rows: rowsOf(sources),
    columns: [
      { title: 'CUSTOMER', text: ({ replayed }) => replayed.source.customer },
      { title: 'ACCOUNT', text: ({ replayed }) => replayed.source.account },
      { title: 'REGION', text: ({ replayed }) => replayed.source.region },
      { title: 'DESTINATION', text: ({ destination }) => destination },
      count('RECORDS', ({ replayed }) => replayed.records),
      count('DELIVERED', ({ delivered }) => delivered),
      count('QUARANTINED', ({ quarantined }) => quarantined),
      count(dryRun ? 'NOT SENT' : 'UNDELIVERED', ({ undelivered }) => undelivered),
    ],
    remark: { title: 'READ', text: ({ replayed }) => readText(replayed) },
    json: rowJson,
  };
}

function rowJson({ replayed, ...counts }: Row): object {
  const { source, records, failure, isComplete } = replayed;
  return { ...source, records, ...counts, isComplete, code: failure?.code, reason: failure?.error };
}

function readText({ failure, isComplete }: Replayed): string {
  if (failure) return `${failure.code} ${failure.error}`;
  return isComplete ? 'to the end' : 'not to the end';
}

function remarks({ window, dryRun, sources, leftOut, destinations }: ReplayReport): readonly string[] {
  const complete = sources.filter(({ isComplete }) => isComplete).length;
  const counts = destinations.map(({ id }) => `${sentTo(id, sources, dryRun)} ${id}`);
  return [
    ...sources.filter(({ keptSince = 0 }) => keptSince > window.from).map(expired),
    ...leftOut.map(({ code, reason }) => `${code} ${reason}`),
    `${iso(window.from)} to ${iso(window.to)}: ${complete} of ${sources.length} sources read to the end; ${counts.join(', ')}.`,
  ];
}

function sentTo(id: string, sources: readonly Replayed[], dryRun: boolean): string {
  const what = dryRun ? 'undelivered' : 'delivered';
  const sum = sources.reduce((total, { dispatched }) => total + (dispatched.get(id)?.[what] ?? 0), 0);
  return dryRun ? `${sum} would go to` : `delivered ${sum} to`;
}

function expired({ source, keptSince = 0 }: Replayed): string {
  const { logGroup, account, region } = source;
  return `${logGroup} in ${account} ${region} keeps nothing from before ${iso(keptSince)}: older events cannot be replayed.`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
