import type { AccountsAnswer } from '../../api/accounts.ts';
import { counted, grouped } from '../../view/count-text.ts';
import { queryOf } from '../api.ts';
import type { PageProps } from '../pages.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { CustomerBox } from '../parts/filter.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Pager } from '../parts/pager.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { usePolled } from '../polled.ts';
import type { Place } from '../router.ts';
import { wish } from '../wishes.ts';

type Account = AccountsAnswer['data'][number];

const ROWS = 200;

/** Whose accounts are collected, and which are known by name alone. */
export function AccountsPage({ place }: PageProps) {
  const { customer, offset } = Object.fromEntries(place.query);
  const accounts = usePolled<AccountsAnswer>(`/accounts${queryOf({ customer, offset, limit: ROWS })}`);
  return (
    <>
      <h1>Accounts</h1>
      <div class="bar">
        <CustomerBox place={place} />
      </div>
      <Loaded of={accounts}>{(answer) => <Accounts answer={answer} place={place} />}</Loaded>
    </>
  );
}

function Accounts({
  answer: { data, summary },
  place,
}: {
  readonly answer: AccountsAnswer;
  readonly place: Place;
}) {
  return (
    <>
      <p class="muted" role="status">
        {counted(summary.total, 'account')} of {counted(summary.customers, 'customer')}
      </p>
      <DataTable
        name="Accounts"
        rows={data}
        columns={COLUMNS}
        keyOf={({ customer, account }) => `${customer}/${account}`}
        empty="No customer has that id."
      />
      <Pager {...summary} onWish={(offset) => wish(place, { offset })} />
    </>
  );
}

const COLUMNS: readonly Column<Account>[] = [
  { title: 'Worst', cell: ({ worst }) => (worst === undefined ? '–' : <StateBadge state={worst} />) },
  {
    title: 'Customer',
    kind: 'line',
    cell: ({ customer, customerName }) => (
      <>
        {customer} <span class="muted">{customerName}</span>
      </>
    ),
  },
  { title: 'Account', kind: 'line', cell: ({ account }) => account },
  { title: 'Name', kind: 'text', cell: ({ name }) => name ?? '–' },
  { title: 'In GuardDuty', kind: 'text', cell: membershipOf },
  { title: 'Role', kind: 'line', cell: ({ isCollected }) => (isCollected ? 'collected' : 'member') },
  {
    title: 'Sources',
    kind: 'number',
    cell: ({ account, customer, sources }) =>
      sources === 0 ? '–' : <a href={`/sources${queryOf({ customer, account })}`}>{grouped(sources)}</a>,
  },
];

/** What its administrator says of it; region by region where they differ. */
function membershipOf({ status, members }: Account) {
  if (status === undefined) return '–';
  const words = Map.groupBy(members, ({ text }) => text);
  const told = [...words].map(([text, each]) => `${text} in ${each.map(({ region }) => region).join(', ')}`);
  return (
    <>
      <strong>{status}</strong> <span class="muted">{told.join('; ')}</span>
    </>
  );
}
