import type { DeploymentsAnswer } from '../../api/deployments.ts';
import { counted } from '../../view/count-text.ts';
import { queryOf } from '../api.ts';
import type { PageProps } from '../pages.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { CustomerBox } from '../parts/filter.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Badge } from '../parts/state-badge.tsx';
import { Age } from '../parts/time.tsx';
import { usePolled } from '../polled.ts';

type Deployment = DeploymentsAnswer['data'][number];

/** What stands in a region is looked up when it is asked for, and known a while later. */
const REFRESH_SECONDS = 10;
const SIGNS: Readonly<Record<Deployment['state'], string>> = {
  current: '●',
  outdated: '◐',
  unknown: '?',
  foreign: '·',
};
const ORDER: readonly Deployment['state'][] = ['outdated', 'unknown', 'current', 'foreign'];

/** Does what stands in each region match this release? */
export function DeploymentsPage({ place }: PageProps) {
  const customer = place.query.get('customer') ?? undefined;
  const deployments = usePolled<DeploymentsAnswer>(`/deployments${queryOf({ customer })}`, {
    everySeconds: REFRESH_SECONDS,
  });
  return (
    <>
      <h1>Deployments</h1>
      <div class="bar">
        <CustomerBox place={place} />
      </div>
      <Loaded of={deployments}>{(answer) => <Deployments answer={answer} />}</Loaded>
    </>
  );
}

function Deployments({ answer: { data, summary, generatedAt } }: { readonly answer: DeploymentsAnswer }) {
  const rows = data.toSorted((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
  return (
    <>
      <p class="muted" role="status">
        {counted(summary.stacks, 'region')}: {summary.current} current, {summary.outdated} outdated,{' '}
        {summary.unknown} not known
      </p>
      <DataTable
        name="Deployments"
        rows={rows}
        columns={columnsAt(Date.parse(generatedAt))}
        keyOf={({ customer, account, region }) => `${customer}/${account}/${region}`}
        empty="No stack is known yet."
      />
    </>
  );
}

function columnsAt(now: number): readonly Column<Deployment>[] {
  return [
    { title: 'State', cell: ({ state }) => <Badge kind={state} sign={SIGNS[state]} /> },
    { title: 'Customer', kind: 'line', cell: ({ customer }) => customer },
    { title: 'Account / region', kind: 'line', cell: ({ account, region }) => `${account} / ${region}` },
    { title: 'Stack', kind: 'line', cell: ({ stack, mode }) => `${stack}, ${mode}` },
    { title: 'Stands', kind: 'line', cell: ({ seen }) => seen?.version ?? '–' },
    { title: 'Expected', kind: 'line', cell: ({ expected }) => expected.version ?? '–' },
    { title: 'Seen', kind: 'number', cell: ({ seenAt }) => <Age at={seenAt} now={now} /> },
    {
      title: 'Next',
      kind: 'text',
      cell: ({ command, reason }) =>
        command === undefined ? (
          reason
        ) : (
          <>
            <code>{command}</code> <CopyButton text={command} name={`Copy ${command}`} />
          </>
        ),
    },
  ];
}
