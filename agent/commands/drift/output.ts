import { renderListing } from '../../console/terminal/listing.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import type { Column } from '../../console/terminal/table.ts';
import type { DriftRow } from '../../deploy/drift-rows.ts';
import { isFinding } from '../../deploy/drift-rows.ts';
import { systemClock } from '../../model/clock.ts';
import { driftText, resourceText } from './text.ts';

interface DriftOutput {
  /** What was found of one customer. */
  add(customer: string, rows: readonly DriftRow[]): void;
  end(): void;
}

const COLUMNS: readonly Column<DriftRow>[] = [
  { title: 'CUSTOMER', text: ({ customer }) => customer },
  { title: 'ACCOUNT', text: ({ account }) => account },
  { title: 'REGION', text: ({ region }) => region },
  { title: 'STACK', text: ({ stack }) => stack },
  { title: 'STATE', text: ({ state }) => state },
  { title: 'CHECKED', text: ({ checkedAt }) => checkedAt ?? '-' },
  { title: 'CODE', text: ({ code }) => code ?? '-' },
  { title: 'FOUND', text: foundText },
  { title: 'FIX', text: ({ fix }) => fix ?? '' },
];

/** On a terminal sentences are the result; elsewhere the rows are, and the sentences go to stderr. */
export function createDriftOutput(wishes: ScreenWishes): DriftOutput {
  const screen = screenFor(wishes, process.env, process.stdout);
  const sentences = screen.output === 'table' ? process.stdout : process.stderr;
  const rows: DriftRow[] = [];
  let ended = 0;
  return {
    add(customer, more) {
      ended += 1;
      rows.push(...more);
      sentences.write(driftText(customer, more, screen.width));
    },
    end() {
      if (screen.output === 'table' || ended === 0) return;
      const listing = { name: 'drift', generatedAt: systemClock.now(), summary: summaryOf(rows), rows };
      process.stdout.write(renderListing({ ...listing, columns: COLUMNS, json: (row) => row }, screen));
    },
  };
}

function foundText({ reason, resources = [] }: DriftRow): string {
  return [...(reason === undefined ? [] : [reason]), ...resources.map(resourceText)].join('; ');
}

function summaryOf(rows: readonly DriftRow[]) {
  const states = Object.groupBy(rows, ({ state }) => state);
  const counts = Object.entries(states).map(([state, some]) => [state, some.length]);
  return { rows: rows.length, findings: rows.filter(isFinding).length, states: Object.fromEntries(counts) };
}
