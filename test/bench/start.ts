import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { guardDutyRegions } from '../../agent/aws/regions.ts';
import { renderTable } from '../../agent/console/terminal/table.ts';
import type { QuietCloudReady } from './quiet-cloud.ts';
import { runCase, startFarSide } from './scene.ts';
import type { StartOptions, StartResult } from './start-case.ts';
import { storeSources } from './stored-sources.ts';

// An agent that starts with many checkpoints, beside one that starts with none.

const REGIONS = 30;
const LOG_GROUP = '/aws/events/guardrelay';

export async function startRows(sources: number): Promise<readonly StartResult[]> {
  // Those that are on by default come first: among them is the one that the account service answers in.
  const offered = guardDutyRegions('aws').toSorted((a, b) => Number(a.optIn) - Number(b.optIn));
  const regions = offered.slice(0, REGIONS).map(({ region }) => region);
  const { farSide, ready } = await startFarSide<QuietCloudReady>(
    new URL(new URL('./quiet-cloud.ts', import.meta.url), import.meta.url),
    [Math.ceil(sources / REGIONS), ...regions],
  );
  try {
    return [await startOnce(ready, regions, false), await startOnce(ready, regions, true)];
  } finally {
    farSide.kill();
  }
}

async function startOnce(
  ready: QuietCloudReady,
  regions: readonly string[],
  withCheckpoints: boolean,
): Promise<StartResult> {
  const dataDir = await mkdtemp(join(tmpdir(), 'guardrelay-bench-'));
  const place = { customer: 'bench', partition: 'aws', logGroup: LOG_GROUP };
  const sources = ready.accounts.flatMap((account) =>
    regions.map((region) => ({ ...place, account, region })),
  );
  try {
    if (withCheckpoints) await storeSources(dataDir, sources);
    const options: StartOptions = { dataDir, ready, sources: sources.length };
    return await runCase(new URL(new URL('./start-case.ts', import.meta.url), import.meta.url), options);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

export function startTable(rows: readonly StartResult[]): string {
  return renderTable<StartResult>(
    {
      rows,
      columns: [
        { title: 'SOURCES', text: ({ sources }) => String(sources), align: 'right' },
        { title: 'WITH CHECKPOINT', text: ({ known }) => String(known), align: 'right' },
        { title: 'READY S', text: (row) => row.readySeconds.toFixed(1), align: 'right' },
        { title: 'CPU S', text: (row) => row.cpuSeconds.toFixed(1), align: 'right' },
        { title: 'AWS CALLS', text: ({ awsCalls }) => String(awsCalls), align: 'right' },
        { title: 'RSS MB', text: (row) => row.rssMegabytes.toFixed(0), align: 'right' },
        { title: 'PEAK RSS MB', text: (row) => row.peakRssMegabytes.toFixed(0), align: 'right' },
      ],
    },
    { width: 120, color: false },
  );
}
