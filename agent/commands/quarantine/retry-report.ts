import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import type { Retried } from '../../relay/retry.ts';
import { whatText } from './quarantined-text.ts';

const TONES = { released: 'good', refused: 'bad', kept: 'warning' } as const;

/** A row per record on stdout, a sentence on stderr. */
export function printRetried(retried: readonly Retried[], screen: Screen, now: number): void {
  if (retried.length > 0 || screen.output !== 'table') {
    process.stdout.write(renderListing(listing(retried, now), screen));
  }
  process.stderr.write(`${printable(sentence(retried))}\n`);
}

function count(retried: readonly Retried[], wanted: Retried['result']): number {
  return retried.filter(({ result }) => result === wanted).length;
}

function listing(rows: readonly Retried[], now: number): Listing<Retried> {
  return {
    name: 'quarantine-retry',
    generatedAt: now,
    summary: {
      records: rows.length,
      released: count(rows, 'released'),
      refused: count(rows, 'refused'),
      kept: count(rows, 'kept'),
    },
    rows,
    columns: [
      { title: 'ID', text: ({ record }) => record.id },
      { title: 'TO', text: ({ to }) => to },
      { title: 'RESULT', text: ({ result }) => result, tone: ({ result }) => TONES[result] },
      { title: 'ACCOUNT', text: ({ record }) => record.account ?? record.origin?.source.account ?? '-' },
      { title: 'WHAT', text: ({ record }) => whatText(record) },
    ],
    remark: { title: 'WHY', text: ({ why = '' }) => why },
    json: ({ record: { id, destination, account, region, kind, what }, ...outcome }) => ({
      ...{ id, destination, account, region, kind, what },
      ...outcome,
    }),
  };
}

function sentence(retried: readonly Retried[]): string {
  if (retried.length === 0) return 'Nothing of the kind stands in quarantine.';
  const [released, refused, kept] = [
    count(retried, 'released'),
    count(retried, 'refused'),
    count(retried, 'kept'),
  ];
  const rest = [refused > 0 ? `${refused} refused again` : '', kept > 0 ? `${kept} not sent` : ''];
  return `${[`${released} of ${retried.length} records released`, ...rest].filter(Boolean).join(', ')}.`;
}
