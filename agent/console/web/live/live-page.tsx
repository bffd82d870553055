import { useState } from 'preact/hooks';

import type { LiveEventAnswer } from '../../api/events.ts';
import { clockText } from '../../view/instant-text.ts';
import { queryOf } from '../api.ts';
import type { PageProps } from '../pages.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Choice, CustomerBox, SearchBox } from '../parts/filter.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { type LiveLine, useLive } from './live-lines.ts';

const TYPES: Readonly<Record<string, string>> = {
  '': 'Everything',
  'handed-out': 'Handed out',
  acknowledged: 'Acknowledged',
  state: 'Changes of state',
};

/** What happens now, the newest first. */
export function LivePage({ place }: PageProps) {
  const [isPaused, pause] = useState(false);
  const wishes = Object.fromEntries(place.query);
  const { lines, isOpen, missed } = useLive(`/api/v1/events${queryOf(wishes)}`, isPaused);
  return (
    <>
      <div class="head">
        <h1>Live</h1>
        <span class="muted" role="status">
          {isPaused ? `Paused; ${missed} since` : isOpen ? 'Connected' : 'Connecting…'}
        </span>
        <button type="button" class="end" aria-pressed={isPaused} onClick={() => pause(!isPaused)}>
          {isPaused ? 'Go on' : 'Pause'}
        </button>
      </div>
      <div class="bar">
        <SearchBox place={place} name="q" label="Part of customer, account, region, type or reason" />
        <CustomerBox place={place} />
        <Choice place={place} name="type" label="What" choices={TYPES} />
      </div>
      <DataTable
        name="Live"
        rows={lines}
        columns={COLUMNS}
        keyOf={({ number }) => String(number)}
        empty="Nothing has happened since this page was opened."
      />
    </>
  );
}

const COLUMNS: readonly Column<LiveLine>[] = [
  { title: 'UTC', kind: 'line', cell: ({ event: { at } }) => <time dateTime={at}>{clockText(at)}</time> },
  { title: 'What', kind: 'line', cell: ({ event: { type } }) => TYPES[type] },
  {
    title: 'Source',
    kind: 'line',
    cell: ({ event: { customer, account, region } }) => `${customer} / ${account} / ${region}`,
  },
  { title: 'Said', kind: 'text', cell: ({ event }) => <Said event={event} /> },
];

function Said({ event }: { readonly event: LiveEventAnswer }) {
  if (event.type === 'state') {
    return (
      <>
        <StateBadge state={event.state} /> {event.code} {event.reason}
      </>
    );
  }
  return (
    <>
      {event.kind} {event.severity} {event.what}
      {event.type === 'acknowledged' && <span class="muted"> by {event.destination}</span>}
    </>
  );
}
