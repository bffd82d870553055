import type { ChangesAnswer } from '../../api/changes.ts';
import { counted } from '../../view/count-text.ts';
import { utcText } from '../../view/instant-text.ts';
import { queryOf } from '../api.ts';
import type { PageProps } from '../pages.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { CustomerBox } from '../parts/filter.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Badge } from '../parts/state-badge.tsx';
import { usePolled } from '../polled.ts';

type Change = ChangesAnswer['data'][number];

const REFRESH_SECONDS = 30;

/** Who changed GuardDuty or the way to us, from where, and what it means. */
export function ChangesPage({ place }: PageProps) {
  const customer = place.query.get('customer') ?? undefined;
  const changes = usePolled<ChangesAnswer>(`/changes${queryOf({ customer })}`, {
    everySeconds: REFRESH_SECONDS,
  });
  return (
    <>
      <h1>Changes</h1>
      <div class="bar">
        <CustomerBox place={place} />
      </div>
      <Loaded of={changes}>{(answer) => <Changes answer={answer} />}</Loaded>
    </>
  );
}

function Changes({ answer: { data, summary } }: { readonly answer: ChangesAnswer }) {
  return (
    <>
      <p class="muted" role="status">
        {counted(summary.changes, 'change')} of GuardDuty and of our own plumbing in the last seven days
        {!summary.complete && '; there may be older ones'}
      </p>
      <DataTable
        name="Changes"
        rows={data}
        columns={COLUMNS}
        keyOf={({ key, time }) => `${key}/${time}`}
        empty="Nothing was changed."
      />
    </>
  );
}

const COLUMNS: readonly Column<Change>[] = [
  { title: 'Time (UTC)', kind: 'line', cell: ({ time }) => <time dateTime={time}>{utcText(time)}</time> },
  { title: 'Severity', cell: ({ level }) => (level === undefined ? '–' : <Badge kind={level} />) },
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
  {
    title: 'What',
    kind: 'text',
    cell: ({ call, sentence, errorCode }) => (
      <>
        <strong>{call}</strong>
        {errorCode !== undefined && ` (refused: ${errorCode})`}
        <div class="muted">{sentence}</div>
      </>
    ),
  },
  {
    title: 'Who',
    kind: 'text',
    cell: ({ actor, from }) => (
      <>
        {actor ?? '–'}
        {from !== undefined && <div class="muted">from {from}</div>}
      </>
    ),
  },
];
