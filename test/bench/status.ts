import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { guardDutyRegions } from '../../agent/aws/regions.ts';
import { renderTable } from '../../agent/console/terminal/table.ts';
import type { Source } from '../../agent/model/source.ts';
import type { DestinationFacts, SourceFacts } from '../../agent/model/source-facts.ts';
import { storeSources } from './stored-sources.ts';

// `guardrelay status` of many sources, from the start of its process to its end.

const CUSTOMERS = 214;
const RUNS = 7;
const MINUTE_MS = 60_000;
const LOG_GROUP = '/aws/events/guardrelay';
const MAIN = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

interface StatusRow {
  readonly command: string;
  readonly bestSeconds: number;
  readonly medianSeconds: number;
  /** The least of all runs: of a machine that has other work it says more than the time. */
  readonly cpuSeconds: number;
  readonly lines: number;
}

export interface StatusReport {
  readonly sources: number;
  readonly rows: readonly StatusRow[];
}

/** Of a store in a file, as an agent leaves it: 214 customers in the regions that are on by default. */
export async function statusRows(): Promise<StatusReport> {
  const folder = await mkdtemp(join(tmpdir(), 'guardrelay-bench-'));
  const regions = guardDutyRegions('aws').filter(({ optIn }) => !optIn);
  const sources = customers().flatMap(({ id, account }) =>
    regions.map(({ region }) => ({ customer: id, account, region, partition: 'aws', logGroup: LOG_GROUP })),
  );
  const config = join(folder, 'guardrelay.yaml');
  try {
    await writeFile(config, JSON.stringify(configOf(folder)));
    await storeSources(folder, sources, factsOf);
    const status = (...args: readonly string[]) => timed([MAIN, 'status', '--config', config, ...args]);
    const rows = [
      await timed(['--eval', '0']),
      await timed([MAIN, '--version']),
      await status('-o', 'table'),
      await status('-o', 'table', '--matrix'),
      await status('-o', 'json'),
    ];
    return { sources: sources.length, rows };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function customers() {
  return Array.from({ length: CUSTOMERS }, (_, at) => ({
    id: `customer-${at}`,
    account: String(100_000_000_000 + at),
  }));
}

/** One customer refuses the agent, and one region of another is silent. */
function factsOf({ customer, region }: Source, now: number): SourceFacts {
  const siem: DestinationFacts = {
    ...{ grade: 'accepted', mode: 'joined', waiting: 0, quarantined: 0, lagMs: 1_200 },
    ...{ lastAckAt: now - MINUTE_MS, certificateExpiresAt: now + 41 * 1_440 * MINUTE_MS },
  };
  const proven: SourceFacts = {
    ...{ pollSeconds: 60, lastReadAt: now, lastHeartbeatAt: now - MINUTE_MS, retentionDays: 30 },
    ...{ lastCanaryAt: now, lastEventAt: now - 3 * 1_440 * MINUTE_MS, lastEventKind: 'finding' },
    canary: { sentAt: now, isAwaited: false, missed: 0, roundTripMs: 800 },
    plumbing: { lookedAt: now, troubles: [], isBlind: false },
    destinations: { siem, archive: { ...siem, grade: 'peer-read' } },
  };
  if (customer === 'customer-20') {
    const text = 'FilterLogEvents: AWS refuses this call';
    return { ...proven, failure: { cause: 'denied', code: 'AUTH-006', text, since: now - 28 * MINUTE_MS } };
  }
  const isSilent = customer === 'customer-7' && region === 'eu-central-1';
  return isSilent ? { ...proven, lastHeartbeatAt: now - 47 * MINUTE_MS } : proven;
}

function configOf(dataDir: string): object {
  const webhook = { type: 'webhook', url: 'https://siem.example.com' };
  return {
    version: 1,
    agent: { id: 'bench', dataDir },
    customers: customers().map(({ id, account }) => ({
      ...{ id, auth: { type: 'default' }, accounts: { collect: [account] } },
      destinations: [{ id: 'siem' }, { id: 'archive' }],
    })),
    destinations: [
      { ...webhook, id: 'siem' },
      { ...webhook, id: 'archive' },
    ],
  };
}

async function timed(args: readonly string[]): Promise<StatusRow> {
  const seconds: number[] = [];
  const cpu: number[] = [];
  let lines = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const startedAt = performance.now();
    const ended = await ran(args);
    seconds.push((performance.now() - startedAt) / 1_000);
    cpu.push(ended.cpuSeconds);
    lines = ended.lines;
  }
  const sorted = seconds.toSorted((one, other) => one - other);
  const [bestSeconds = 0] = sorted;
  const command = args.filter((arg) => !arg.includes('/') && arg !== '--config').join(' ');
  const medianSeconds = sorted[Math.floor(RUNS / 2)] ?? 0;
  return { command, bestSeconds, medianSeconds, cpuSeconds: Math.min(...cpu), lines };
}

/** What a process says of itself at its end. */
const TELL_CPU = `data:text/javascript,process.on('exit',()=>{
  const {user,system}=process.cpuUsage();
  process.stderr.write('\\ncpu '+(user+system)/1e6);
})`;

/** Whatever its exit code: something is broken in what it shows. */
function ran(args: readonly string[]): Promise<Pick<StatusRow, 'cpuSeconds' | 'lines'>> {
  const maxBuffer = 64 * 1024 * 1024;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', TELL_CPU, ...args], { maxBuffer }, (_, stdout, stderr) => {
      const cpuSeconds = Number(/^cpu (.*)$/m.exec(stderr)?.[1] ?? Number.NaN);
      resolve({ cpuSeconds, lines: stdout.split('\n').length - 1 });
    });
  });
}

export function statusTable({ rows }: StatusReport): string {
  return renderTable<StatusRow>(
    {
      rows,
      columns: [
        { title: 'COMMAND', text: ({ command }) => command },
        { title: 'BEST S', text: (row) => row.bestSeconds.toFixed(2), align: 'right' },
        { title: 'MEDIAN S', text: (row) => row.medianSeconds.toFixed(2), align: 'right' },
        { title: 'CPU S', text: (row) => row.cpuSeconds.toFixed(2), align: 'right' },
        { title: 'LINES', text: ({ lines }) => String(lines), align: 'right' },
      ],
    },
    { width: 120, color: false },
  );
}
