import { renderTable } from '../../agent/console/terminal/table.ts';
import { createRandom } from '../support/random.ts';
import {
  DAY,
  HOUR,
  type LatenessClass,
  type Measured,
  MINUTE,
  measure,
  type Plan,
  polls,
  pollsDelayed,
  strip,
  sweep,
} from './amplification-model.ts';

// What each plan of reads costs a dense source, and what it finds how soon: docs/read-amplification.md.

const CLASSES: readonly (LatenessClass & { readonly title: string })[] = [
  { title: '30 S', from: 0, to: 30 },
  { title: '60 S', from: 30, to: MINUTE },
  { title: '3 H', from: MINUTE, to: 3 * HOUR },
  { title: '25 H', from: 3 * HOUR, to: 25 * HOUR },
  { title: '49 H', from: 25 * HOUR, to: 49 * HOUR },
  { title: '14 D', from: 49 * HOUR, to: 14 * DAY },
];

const SHORT = [sweep(3 * HOUR, 3 * HOUR), sweep(25 * HOUR, 24 * HOUR)];
const SWEEPS = [...SHORT, sweep(14 * DAY, 7 * DAY)];
const SMALL = [
  sweep(3 * HOUR, 30 * MINUTE),
  sweep(25 * HOUR, 6 * HOUR),
  sweep(49 * HOUR, DAY),
  sweep(14 * DAY, 7 * DAY),
];
const LAST = strip(14 * DAY, 12 * HOUR);
const DAILY = strip(25 * HOUR, 2 * HOUR);
const LONG = [strip(7.5 * DAY, 12 * HOUR), LAST];
const FIRST = strip(3 * HOUR, 30 * MINUTE);
const MINUTELY = polls(MINUTE, MINUTE);
/** As soon as the minutely polls, with twice the calls. */
const ONCE = pollsDelayed(30, 30);
const QUERIES = [sweep(3 * HOUR, 30 * MINUTE), sweep(25 * HOUR, 6 * HOUR), sweep(14 * DAY, 7 * DAY)];

const PLANS: Readonly<Record<string, Plan>> = {
  'small source, 60 s': { reads: [polls(MINUTE, 15 * MINUTE), ...SMALL] },
  'dense source, 15 s': { reads: [polls(15, MINUTE), ...SWEEPS] },
  'dense source, 60 s': { reads: [MINUTELY, ...SWEEPS] },
  'sweeps 3 h, 25 h; strips 7.5 d, 14 d': { reads: [MINUTELY, ...SHORT, ...LONG] },
  'sweep 3 h; strips 25 h, 7.5 d, 14 d': { reads: [MINUTELY, sweep(3 * HOUR, 3 * HOUR), DAILY, ...LONG] },
  'strips 3 h, 25 h, 7.5 d, 14 d': { reads: [MINUTELY, FIRST, DAILY, ...LONG] },
  'the same, 15 s': { reads: [polls(15, MINUTE), FIRST, DAILY, ...LONG] },
  'the same, 15 s over 15 s; strip 1 min': {
    reads: [polls(15, 15), strip(MINUTE, MINUTE), FIRST, DAILY, ...LONG],
  },
  'strips 3 h, 25 h, 14 d': { reads: [MINUTELY, FIRST, DAILY, LAST] },
  'strips 25 h, 14 d': { reads: [MINUTELY, DAILY, LAST] },
  'strip 14 d': { reads: [MINUTELY, LAST] },
  'once, at 30 s; strips 3 h, 25 h, 7.5 d, 14 d': { reads: [ONCE, FIRST, DAILY, ...LONG] },
  'once, at 30 s; strip 14 d': { reads: [ONCE, LAST] },
  'once, at 30 s; strip 25 h': { reads: [ONCE, DAILY] },
  'strip 14 d; queries': { reads: [MINUTELY, LAST], queries: QUERIES },
  'once, at 30 s; strip 14 d; queries': { reads: [ONCE, LAST], queries: QUERIES },
  'polls only': { reads: [MINUTELY] },
};

/** Far from the first read, so that no tier is at its beginning. */
const SPAN = { from: 30 * DAY, to: 72 * DAY };

export interface PlanRow extends Measured {
  readonly name: string;
}

export function amplificationRows(): readonly PlanRow[] {
  return Object.entries(PLANS).map(([name, plan]) => ({
    name,
    ...measure(plan, CLASSES, { span: SPAN, random: createRandom(1) }),
  }));
}

export function amplificationTable(rows: readonly PlanRow[]): string {
  return renderTable<PlanRow>(
    {
      rows,
      columns: [
        { title: 'PLAN', text: ({ name }) => name },
        { title: 'READ / NEW', text: (row) => row.amplification.toFixed(2), align: 'right' },
        { title: 'SCANNED', text: (row) => row.scanned.toFixed(2), align: 'right' },
        ...CLASSES.map(({ title }, index) => ({
          title: `LATE ${title}`,
          text: (row: PlanRow) => spanText(row.foundWithin[index] ?? 0),
          align: 'right' as const,
        })),
        { title: 'LOST', text: ({ lost }) => String(lost), align: 'right' },
      ],
    },
    { width: 180, color: false },
  );
}

function spanText(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${seconds.toFixed(0)} s`;
  if (seconds < 2 * HOUR) return `${(seconds / MINUTE).toFixed(0)} min`;
  return seconds < 3 * DAY ? `${(seconds / HOUR).toFixed(1)} h` : `${(seconds / DAY).toFixed(1)} d`;
}
