import { SOURCE_STATES } from '../../../health/states.ts';
import type { SourcesAnswer } from '../../api/sources.ts';
import type { SourceAnswer } from '../../view/answers.ts';
import { counted } from '../../view/count-text.ts';
import { lagText } from '../../view/figures.ts';
import { queryOf } from '../api.ts';
import { StateCounts } from '../overview/figures.tsx';
import type { PageProps } from '../pages.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Choice, CustomerBox, SearchBox } from '../parts/filter.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Pager } from '../parts/pager.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Age } from '../parts/time.tsx';
import { usePolled } from '../polled.ts';
import type { Place } from '../router.ts';
import { wish } from '../wishes.ts';
import { SourcePage } from './source-page.tsx';

const ROWS = 50;
const REFRESH_SECONDS = 10;
const STATE_CHOICES = {
  '': 'All states',
  'failing,blocked,silent': 'Needs action',
  ...Object.fromEntries(SOURCE_STATES.map((state) => [state, state])),
};

/** Every source, or one of them. */
export function SourcesPage({ place, role }: PageProps) {
  const [, , id] = place.path.split('/');
  return id === undefined || id === '' ? (
    <SourceList place={place} />
  ) : (
    <SourcePage key={id} id={id} role={role} />
  );
}

function SourceList({ place }: { readonly place: Place }) {
  const { offset, ...wishes } = Object.fromEntries(place.query);
  const path = `/sources${queryOf({ ...wishes, offset, limit: ROWS })}`;
  const sources = usePolled<SourcesAnswer>(path, { everySeconds: REFRESH_SECONDS });
  return (
    <>
      <div class="head">
        <h1>Sources</h1>
        {sources.answer && <StateCounts states={sources.answer.summary.states} />}
      </div>
      <div class="bar">
        <SearchBox place={place} name="q" label="Part of customer, account, region, code or reason" />
        <CustomerBox place={place} />
        <Choice place={place} name="state" label="State" choices={STATE_CHOICES} />
      </div>
      <Loaded of={sources}>{(answer) => <Sources answer={answer} place={place} />}</Loaded>
    </>
  );
}

function Sources({
  answer: { summary, data, generatedAt },
  place,
}: {
  readonly answer: SourcesAnswer;
  readonly place: Place;
}) {
  const now = Date.parse(generatedAt);
  return (
    <>
      <p class="muted" aria-live="polite">
        {counted(summary.total, 'source')}, problems first
      </p>
      <DataTable
        name="Sources"
        rows={data}
        columns={columnsAt(now)}
        keyOf={({ id }) => id}
        empty="No source is like that."
      />
      <Pager {...summary} onWish={(offset) => wish(place, { offset })} />
    </>
  );
}

function columnsAt(now: number): readonly Column<SourceAnswer>[] {
  return [
    { title: 'State', cell: ({ state }) => <StateBadge state={state} /> },
    {
      title: 'Source',
      kind: 'line',
      cell: ({ id, customer, account, region }) => (
        <a href={`/sources/${id}`}>
          {customer}{' '}
          <span class="thin">
            / {account} / {region}
          </span>
        </a>
      ),
    },
    {
      title: 'Heartbeat',
      kind: 'number',
      cell: ({ lastHeartbeatAt }) => <Age at={lastHeartbeatAt} now={now} />,
    },
    { title: 'Last event', kind: 'number', cell: ({ lastEventAt }) => <Age at={lastEventAt} now={now} /> },
    { title: 'Last read', kind: 'number', cell: ({ lastReadAt }) => <Age at={lastReadAt} now={now} /> },
    { title: 'Last ack', kind: 'number', cell: ({ lastAckAt }) => <Age at={lastAckAt} now={now} /> },
    {
      title: 'Lag',
      kind: 'number',
      cell: ({ lagSeconds }) => (lagSeconds === undefined ? '–' : lagText(lagSeconds)),
    },
    {
      title: 'Why',
      kind: 'text',
      cell: ({ code, reason }) => (
        <>
          {code !== undefined && <code>{code}</code>} {reason}
        </>
      ),
    },
  ];
}
