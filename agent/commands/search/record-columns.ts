import type { Column } from '../../console/terminal/table.ts';
import type { AccountDirectory } from '../../model/account-names.ts';
import type { IndexedRecord } from '../../search/search-index.ts';

/** On narrower terminals the rest of a row would leave no room for the type. */
const ROOMY = 100;

/** What `search` and `tail` show of a record. */
export function recordColumns(
  accountNames: AccountDirectory,
  { output, width }: { readonly output: string; readonly width: number },
): readonly Column<IndexedRecord>[] {
  const isRoomy = output !== 'table' || width >= ROOMY;
  const nameOf = ({ customer, account }: IndexedRecord): string | undefined =>
    isRoomy ? accountNames.get(customer)?.get(account) : undefined;
  return [
    {
      title: 'TIME (UTC)',
      text: ({ time }) => new Date(time).toISOString().slice(0, 19).replace('T', ' '),
    },
    { title: 'KIND', text: ({ kind }) => kind, minTerminal: ROOMY },
    {
      title: 'SEV',
      text: ({ severity, level }) => severity?.toFixed(1) ?? level ?? '-',
      align: 'right',
    },
    { title: 'CUSTOMER', text: ({ customer }) => customer, minTerminal: ROOMY },
    {
      title: 'ACCOUNT',
      text: (record) => [record.account, nameOf(record)].filter((text) => text !== undefined).join(' '),
    },
    { title: 'REGION', text: ({ region }) => region },
    { title: 'TYPE / CALL', text: ({ what }) => what },
  ];
}

/** Who has it, and since when. */
export function ackedText({ acked }: IndexedRecord): string {
  return acked
    .map(({ destination, at }) => `${destination} ${new Date(at).toISOString().slice(11, 19)}`)
    .join(', ');
}

export function recordJson({ raw, ...row }: IndexedRecord, withRaw: boolean): object {
  return {
    ...row,
    time: new Date(row.time).toISOString(),
    ...(withRaw ? { raw } : {}),
  };
}
