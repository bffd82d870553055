import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

import { renderTable } from '../../agent/console/terminal/table.ts';
import { runCase } from './scene.ts';
import type { ShipResult } from './ship-case.ts';
import { WAYS } from './ship-ways.ts';

// What one destination takes, and what of the agent's CPU that costs; beside a client that only sends.

type ShipRow = ShipResult | { readonly way: string; readonly missing: string };

export async function shipRows(records: number): Promise<readonly ShipRow[]> {
  process.env.PATH = searchPath();
  const rows: ShipRow[] = [];
  for (const [way, { program }] of Object.entries(WAYS)) {
    if (program !== undefined && !isInstalled(program)) {
      rows.push({ way, missing: program });
      continue;
    }
    rows.push(await runCase<ShipResult>(new URL('./ship-case.ts', import.meta.url), { way, records }));
  }
  return rows;
}

/** Where `test/peers/run` finds its programs. */
function searchPath(): string {
  const { PATH = '', GUARDRELAY_PEERS_DIR = join(homedir(), '.cache', 'guardrelay-peers') } = process.env;
  return [join(GUARDRELAY_PEERS_DIR, 'bin'), PATH, '/usr/sbin'].join(delimiter);
}

function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

export function shipTable(rows: readonly ShipRow[]): string {
  const cell = (text: (row: ShipResult) => string) => (row: ShipRow) => ('missing' in row ? '-' : text(row));
  return renderTable<ShipRow>(
    {
      rows,
      columns: [
        { title: 'WAY', text: (row) => ('missing' in row ? `${row.way}: no ${row.missing} here` : row.way) },
        { title: 'BYTES', text: cell((row) => String(row.meanBytes)), align: 'right' },
        { title: 'RECORDS/S', text: cell((row) => row.perSecond.toFixed(0)), align: 'right' },
        { title: 'RECORDS/S A CORE', text: cell((row) => row.perCoreSecond.toFixed(0)), align: 'right' },
        { title: 'BARE CLIENT/S', text: cell((row) => row.limitPerSecond.toFixed(0)), align: 'right' },
        { title: 'OF BARE', text: cell(ofBare), align: 'right' },
      ],
    },
    { width: 120, color: false },
  );
}

function ofBare({ perSecond, limitPerSecond }: ShipResult): string {
  return `${((100 * perSecond) / limitPerSecond).toFixed(0)} %`;
}
