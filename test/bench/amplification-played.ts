import { renderTable } from '../../agent/console/terminal/table.ts';
import type { AmplificationOptions, AmplificationResult } from './amplification-case.ts';
import { runCase } from './scene.ts';

// What the agent's own windows cost a dense source, beside the model of them.

const POLL_SECONDS = [60, 15];

export async function playedRows(days: number): Promise<readonly AmplificationResult[]> {
  const rows: AmplificationResult[] = [];
  for (const pollSeconds of POLL_SECONDS) {
    const options: AmplificationOptions = { pollSeconds, days };
    rows.push(
      await runCase(new URL(new URL('./amplification-case.ts', import.meta.url), import.meta.url), options),
    );
  }
  return rows;
}

export function playedTable(rows: readonly AmplificationResult[]): string {
  const of = ({ amplification }: AmplificationResult, kind: string): number => amplification[kind] ?? 0;
  return renderTable<AmplificationResult>(
    {
      rows,
      columns: [
        { title: 'POLL S', text: ({ pollSeconds }) => String(pollSeconds), align: 'right' },
        { title: 'DAYS', text: ({ days }) => String(days), align: 'right' },
        { title: 'EVENTS', text: ({ events }) => String(events), align: 'right' },
        { title: 'LOST', text: ({ lost }) => String(lost), align: 'right' },
        { title: 'TWICE', text: ({ repeated }) => String(repeated), align: 'right' },
        {
          title: 'READ / NEW',
          text: (row) => (of(row, 'poll') + of(row, 'sweep')).toFixed(2),
          align: 'right',
        },
        { title: 'BY POLLS', text: (row) => of(row, 'poll').toFixed(2), align: 'right' },
        { title: 'BY SWEEPS', text: (row) => of(row, 'sweep').toFixed(2), align: 'right' },
        { title: 'CALLS/EVENT', text: (row) => (row.pages / row.events).toFixed(3), align: 'right' },
      ],
    },
    { width: 140, color: false },
  );
}
