import { basename } from 'node:path';

import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { wrap } from '../../console/terminal/width.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { MAX_QUARANTINE_BYTES } from '../../ship/quarantine.ts';
import { destinationOf } from '../../ship/quarantine-files.ts';
import type { ListedFile, StandingRecord } from '../../ship/quarantine-list.ts';
import { bytesText } from '../bytes-text.ts';
import { whatText, whyText } from './quarantined-text.ts';
import { type QuarantineFilters, type Selected, selectQuarantined } from './select-quarantined.ts';

interface ListArguments extends QuarantineFilters, ScreenWishes {}

/** The records on stdout, their numbers and the files beside them. Reads beside an agent that writes. */
export async function listQuarantined(argv: ListArguments): Promise<ExitCode> {
  const selected = await selectQuarantined(argv);
  const screen = screenFor(argv, process.env, process.stdout);
  const { records } = selected;
  const isTable = screen.output === 'table';
  if (records.length > 0 || !isTable) {
    process.stdout.write(renderListing(listing(selected, systemClock.now()), screen));
  }
  const lines = remarks(selected).map(printable);
  if (isTable && records.length > 0) lines.unshift('');
  if (isTable) for (const line of lines) process.stdout.write(`${wrap(line, screen.width).join('\n')}\n`);
  if (screen.output === 'plain') for (const line of lines) process.stderr.write(`${line}\n`);
  return EXIT.done;
}

function listing({ records, files }: Selected, now: number): Listing<StandingRecord> {
  return {
    name: 'quarantine',
    generatedAt: now,
    summary: {
      records: records.length,
      destinations: Object.fromEntries(countByDestination(records)),
      files: files.map((file) => ({ ...file, maxBytes: MAX_QUARANTINE_BYTES })),
    },
    rows: records,
    columns: [
      { title: 'ID', text: ({ id }) => id },
      { title: 'REFUSED (UTC)', text: ({ at }) => at.slice(0, 16).replace('T', ' ') },
      { title: 'DESTINATION', text: ({ destination }) => destination },
      { title: 'CUSTOMER', text: ({ origin }) => origin?.source.customer ?? '-', minTerminal: 100 },
      { title: 'ACCOUNT', text: ({ account, origin }) => account ?? origin?.source.account ?? '-' },
      {
        title: 'REGION',
        text: ({ region, origin }) => region ?? origin?.source.region ?? '-',
        minTerminal: 100,
      },
      { title: 'WHAT', text: whatText },
      { title: 'SIZE', text: ({ rawBytes }) => bytesText(rawBytes), align: 'right', minTerminal: 100 },
    ],
    remark: { title: 'WHY', text: whyText },
    json: rowJson,
  };
}

function rowJson({ place: _, schema: __, ...record }: StandingRecord): object {
  return record;
}

function countByDestination(records: readonly StandingRecord[]): ReadonlyMap<string, number> {
  const groups = Map.groupBy(records, ({ destination }) => destination);
  return new Map([...groups].map(([destination, each]) => [destination, each.length]));
}

function remarks({ records, files }: Selected): readonly string[] {
  if (files.length === 0) return ['Nothing was ever refused.'];
  const lines = files.map(fileText);
  const next =
    'All of one: guardrelay quarantine show ID. Send again: guardrelay quarantine retry ID or --all.';
  return records.length > 0 ? [...lines, next] : lines;
}

function fileText({ path, bytes, standing, released, unreadable }: ListedFile): string {
  const destination = destinationOf(path);
  // Nothing more is written to a file that was moved aside.
  const limit = basename(path) === `${destination}.ndjson` ? ` of ${bytesText(MAX_QUARANTINE_BYTES)}` : '';
  const torn = unreadable > 0 ? `, ${unreadable} lines that cannot be read` : '';
  const counts = `${standing} in quarantine, ${released} released${torn}`;
  return `${destination}: ${counts}; ${bytesText(bytes)}${limit} in ${path}`;
}
