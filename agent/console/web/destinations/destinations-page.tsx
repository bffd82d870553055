import type { DestinationsAnswer } from '../../api/destinations.ts';
import { destinationCharts } from '../../view/charts/series-charts.ts';
import { counted, grouped } from '../../view/count-text.ts';
import { SeriesSection } from '../charts/series-section.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Badge } from '../parts/state-badge.tsx';
import { Age } from '../parts/time.tsx';
import { usePolled } from '../polled.ts';

type Destination = DestinationsAnswer['data'][number];

const REFRESH_SECONDS = 5;
const SIGNS: Readonly<Record<Destination['state'], string>> = {
  ok: '●',
  retrying: '◐',
  blocked: '■',
  idle: '·',
};

/** Does every SIEM take records, and what does its acknowledgement prove? */
export function DestinationsPage() {
  const destinations = usePolled<DestinationsAnswer>('/destinations', { everySeconds: REFRESH_SECONDS });
  return (
    <>
      <h1>Destinations</h1>
      <Loaded of={destinations}>{(answer) => <Destinations answer={answer} />}</Loaded>
      <SeriesSection title="Acknowledgement" chartsOf={destinationCharts} />
    </>
  );
}

function Destinations({ answer: { data, generatedAt } }: { readonly answer: DestinationsAnswer }) {
  return (
    <DataTable
      name="Destinations"
      rows={data}
      keyOf={({ id }) => id}
      columns={columnsAt(Date.parse(generatedAt))}
      below={(row) => <Trouble destination={row} />}
      empty="No destination is configured."
    />
  );
}

function Trouble({ destination: { id, state, reason, behind } }: { readonly destination: Destination }) {
  const command = `guardrelay destinations test ${id}`;
  return (
    <div class="bar">
      <span>
        {reason ??
          (behind > 0
            ? `behind with ${counted(behind, 'source')}`
            : state === 'idle'
              ? 'has got nothing yet'
              : 'takes records')}
      </span>
      <span class="next">
        <code>{command}</code> <CopyButton text={command} name={`Copy ${command}`} />
      </span>
    </div>
  );
}

function columnsAt(now: number): readonly Column<Destination>[] {
  return [
    { title: 'State', cell: ({ state }) => <Badge kind={state} sign={SIGNS[state]} /> },
    { title: 'Destination', kind: 'line', cell: ({ id }) => <strong>{id}</strong> },
    { title: 'Type', kind: 'line', cell: ({ type, format }) => `${type}, ${format}` },
    { title: 'Grade', cell: ({ grade }) => grade },
    { title: 'Last ack', kind: 'number', cell: ({ lastAckAt }) => <Age at={lastAckAt} now={now} /> },
    {
      title: 'Oldest waiting',
      kind: 'number',
      cell: ({ oldestWaitingAt }) =>
        oldestWaitingAt === undefined ? '–' : <Age at={oldestWaitingAt} now={now} />,
    },
    { title: 'Waiting', kind: 'number', cell: ({ waiting }) => grouped(waiting) },
    { title: 'Quarantine', kind: 'number', cell: ({ quarantined }) => grouped(quarantined) },
    {
      title: 'Delivered',
      kind: 'number',
      cell: ({ delivered }) => (delivered === undefined ? '–' : grouped(delivered)),
    },
    {
      title: 'Retries',
      kind: 'number',
      cell: ({ retries }) => (retries === undefined ? '–' : grouped(retries)),
    },
    {
      title: 'TLS',
      kind: 'number',
      cell: ({ certificateDays }) => (certificateDays === undefined ? '–' : counted(certificateDays, 'day')),
    },
    { title: 'Customers', kind: 'number', cell: ({ customers }) => grouped(customers.length) },
  ];
}
