import { renderTable } from '../../agent/console/terminal/table.ts';
import type { DrainOptions, DrainResult } from './drain-case.ts';
import { runCase } from './scene.ts';

// One full log group of large findings, drained through each sink: what an agent does that was off for long.

const LEAST_BYTES = 4_096;

export async function largeDrainRows(findings: number): Promise<readonly DrainResult[]> {
  const rows: DrainResult[] = [];
  for (const sink of ['webhook', 'syslog']) {
    const options: DrainOptions = { sink, format: 'json', findings, leastBytes: LEAST_BYTES };
    rows.push(await runCase(new URL(new URL('./drain-case.ts', import.meta.url), import.meta.url), options));
  }
  return rows;
}

/** Of the findings themselves: on the wire they are a little longer, for their quotes. */
function megabytes({ findings, leastBytes }: DrainResult): number {
  return (findings * leastBytes) / 1_048_576;
}

export function largeDrainTable(rows: readonly DrainResult[]): string {
  const number = (value: number, digits = 0): string => value.toFixed(digits);
  return renderTable<DrainResult>(
    {
      rows,
      columns: [
        { title: 'SINK', text: ({ sink }) => sink },
        { title: 'FINDINGS/S', text: (row) => number(row.findingsPerSecond), align: 'right' },
        { title: 'MB/S', text: (row) => number(megabytes(row) / row.seconds, 1), align: 'right' },
        { title: 'READ / NEW', text: (row) => number(row.awsMegabytes / megabytes(row), 2), align: 'right' },
        { title: 'SECONDS', text: (row) => number(row.seconds, 1), align: 'right' },
        { title: 'CORES', text: (row) => number(row.cpuSeconds / row.seconds, 2), align: 'right' },
        {
          title: 'FAR SIDE CORES',
          text: (row) => number(row.farCpuSeconds / row.seconds, 2),
          align: 'right',
        },
        { title: 'BASE RSS MB', text: (row) => number(row.baseRssMegabytes), align: 'right' },
        { title: 'PEAK RSS MB', text: (row) => number(row.peakRssMegabytes), align: 'right' },
        { title: 'CALLS/FINDING', text: (row) => number(row.awsCalls / row.findings, 5), align: 'right' },
      ],
    },
    { width: 140, color: false },
  );
}
