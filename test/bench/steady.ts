import { renderTable } from '../../agent/console/terminal/table.ts';
import { runCase } from './scene.ts';
import type { SteadyOptions, SteadyResult } from './steady-case.ts';

// Findings that come at an even rate: how long each takes, and what reading them costs.

const RATES = [10, 100, 1_000];
const POLL_SECONDS = [60, 15];

export async function steadyRows(seconds: number): Promise<readonly SteadyResult[]> {
  const rows: SteadyResult[] = [];
  for (const pollSeconds of POLL_SECONDS) {
    for (const perSecond of RATES) {
      const options: SteadyOptions = { perSecond, seconds, pollSeconds };
      rows.push(
        await runCase(new URL(new URL('./steady-case.ts', import.meta.url), import.meta.url), options),
      );
    }
  }
  return rows;
}

export function steadyTable(rows: readonly SteadyResult[]): string {
  const inSeconds = (ms: number): string => (ms / 1_000).toFixed(1);
  const cores = (cpuSeconds: number, { seconds, pollSeconds }: SteadyResult): string =>
    (cpuSeconds / (seconds + 2 * pollSeconds)).toFixed(2);
  return renderTable<SteadyResult>(
    {
      rows,
      columns: [
        { title: 'POLL S', text: ({ pollSeconds }) => String(pollSeconds), align: 'right' },
        { title: 'FINDINGS/S', text: ({ perSecond }) => String(perSecond), align: 'right' },
        { title: 'LOST', text: (row) => String(row.fed - row.acknowledged), align: 'right' },
        { title: 'TWICE', text: ({ repeated }) => String(repeated), align: 'right' },
        { title: 'P50 S', text: ({ latencyMs }) => inSeconds(latencyMs.p50), align: 'right' },
        { title: 'P99 S', text: ({ latencyMs }) => inSeconds(latencyMs.p99), align: 'right' },
        { title: 'MAX S', text: ({ latencyMs }) => inSeconds(latencyMs.max), align: 'right' },
        { title: 'RA POLLS', text: (row) => (row.amplification.poll ?? 0).toFixed(2), align: 'right' },
        { title: 'RA SWEEPS', text: (row) => (row.amplification.sweep ?? 0).toFixed(2), align: 'right' },
        { title: 'CALLS/FINDING', text: (row) => (row.awsCalls / row.fed).toFixed(5), align: 'right' },
        { title: 'CORES', text: (row) => cores(row.cpuSeconds, row), align: 'right' },
        { title: 'FAR SIDE CORES', text: (row) => cores(row.farCpuSeconds, row), align: 'right' },
        { title: 'PEAK RSS MB', text: (row) => row.peakRssMegabytes.toFixed(0), align: 'right' },
      ],
    },
    { width: 160, color: false },
  );
}
