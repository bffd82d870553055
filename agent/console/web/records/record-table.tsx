import type { SearchAnswer } from '../../api/search.ts';
import { clockText, utcText } from '../../view/instant-text.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Badge } from '../parts/state-badge.tsx';
import { RecordDetail } from './record-detail.tsx';

export type RecordAnswer = SearchAnswer['data'][number];

interface RecordTableProps {
  readonly records: readonly RecordAnswer[];
  readonly empty: string;
}

export function RecordTable({ records, empty }: RecordTableProps) {
  return (
    <DataTable
      name="Records"
      rows={records}
      columns={COLUMNS}
      keyOf={({ source, eventId, key }) => `${source}/${eventId}/${key}`}
      below={(record) => <RecordDetail record={record} />}
      empty={empty}
    />
  );
}

const COLUMNS: readonly Column<RecordAnswer>[] = [
  {
    title: 'Time (UTC)',
    kind: 'line',
    cell: ({ time }) => <time dateTime={time}>{utcText(time)}</time>,
  },
  { title: 'Severity', cell: severityOf },
  { title: 'Type or call', kind: 'text', cell: ({ what }) => what },
  {
    title: 'Customer / account',
    kind: 'line',
    cell: ({ customer, account, accountName }) => (
      <>
        {customer} / {account} <span class="muted">{accountName}</span>
      </>
    ),
  },
  { title: 'Region', kind: 'line', cell: ({ region }) => region },
  { title: 'Kind', kind: 'line', cell: ({ kind }) => kind },
  {
    title: 'Acknowledged by',
    kind: 'line',
    cell: ({ acked }) =>
      acked.map(({ destination, at }) => `${destination} ${clockText(at)}`).join(', ') || '–',
  },
];

function severityOf({ severity, level }: RecordAnswer) {
  if (level !== undefined) return <Badge kind={level} />;
  return severity === undefined ? '–' : severity.toFixed(1);
}
