import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { guardDutyRegions } from '../../agent/aws/regions.ts';
import { renderTable } from '../../agent/console/terminal/table.ts';
import type { QuietOptions, QuietResult } from './quiet-case.ts';
import type { QuietCloudReady } from './quiet-cloud.ts';
import { runCase, startFarSide } from './scene.ts';

// Many sources in which nothing happens: an agent meets them all, then another starts with their checkpoints.

const REGIONS = 30;

interface QuietRow extends QuietResult {
  readonly agent: string;
}

export interface QuietRequest {
  readonly sources: number;
  readonly seconds: number;
}

export async function quietRows({ sources, seconds }: QuietRequest): Promise<readonly QuietRow[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'guardrelay-bench-'));
  // Those that are on by default come first: among them is the one that the account service answers in.
  const offered = guardDutyRegions('aws').toSorted((a, b) => Number(a.optIn) - Number(b.optIn));
  const names = offered.slice(0, REGIONS).map(({ region }) => region);
  const accounts = Math.ceil(sources / REGIONS);
  const { farSide, ready } = await startFarSide<QuietCloudReady>(
    new URL(new URL('./quiet-cloud.ts', import.meta.url), import.meta.url),
    [accounts, ...names],
  );
  try {
    const options = { dataDir, ready, sources: accounts * REGIONS, pollSeconds: 60 };
    const served = (watchSeconds: number): Promise<QuietResult> =>
      runCase<QuietResult>(new URL(new URL('./quiet-case.ts', import.meta.url), import.meta.url), {
        ...options,
        watchSeconds,
      } satisfies QuietOptions);
    const first = await served(0);
    const second = await served(seconds);
    return [
      { agent: 'first contact', ...first },
      { agent: 'with checkpoints', ...second },
    ];
  } finally {
    farSide.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

export function quietTable(rows: readonly QuietRow[]): string {
  const perSecond = (count: number, { watchedSeconds }: QuietRow): string =>
    watchedSeconds < 1 ? '-' : (count / watchedSeconds).toFixed(2);
  return renderTable<QuietRow>(
    {
      rows,
      columns: [
        { title: 'AGENT', text: ({ agent }) => agent },
        { title: 'START S', text: (row) => row.startSeconds.toFixed(1), align: 'right' },
        { title: 'START CPU S', text: (row) => row.startCpuSeconds.toFixed(1), align: 'right' },
        { title: 'START CALLS', text: (row) => String(row.startCalls), align: 'right' },
        { title: 'CORES', text: (row) => perSecond(row.cpuSeconds, row), align: 'right' },
        { title: 'CALLS/S', text: (row) => perSecond(row.calls, row), align: 'right' },
        { title: 'POLLS', text: ({ polls }) => String(polls), align: 'right' },
        { title: 'LATE MS P50', text: ({ latenessMs }) => latenessMs.p50.toFixed(0), align: 'right' },
        { title: 'P99', text: ({ latenessMs }) => latenessMs.p99.toFixed(0), align: 'right' },
        { title: 'MAX', text: ({ latenessMs }) => latenessMs.max.toFixed(0), align: 'right' },
        { title: 'FAILING', text: ({ failing }) => String(failing), align: 'right' },
        { title: 'PEAK RSS MB', text: (row) => row.peakRssMegabytes.toFixed(0), align: 'right' },
      ],
    },
    { width: 140, color: false },
  );
}
