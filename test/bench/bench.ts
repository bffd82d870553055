import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';

import { renderTable } from '../../agent/console/terminal/table.ts';
import { FORMAT_NAMES } from '../../agent/model/format.ts';
import type { CaseResult } from './case.ts';
import { benchFindings } from './findings.ts';

// `npm run bench -- [--findings N] [--json FILE]`: every implemented format through every implemented sink,
// beside the limit: JSON.parse of the same bytes. Compare ratios within one run, not figures of two machines.

const SINKS = ['webhook', 'syslog'] as const;

const run = promisify(execFile);

async function measure(sink: string, format: string, findings: number, folder: string): Promise<CaseResult> {
  const out = join(folder, `${sink}-${format}.json`);
  const script = new URL('./case.ts', import.meta.url).pathname;
  await run(process.execPath, [script, sink, format, String(findings), out]);
  return JSON.parse(await readFile(out, 'utf8'));
}

/** Findings a second that JSON.parse alone can take, and the mean size of a finding. */
function limit(findings: number): { readonly perSecond: number; readonly meanBytes: number } {
  const messages = benchFindings(findings);
  const bytes = messages.reduce((sum, message) => sum + Buffer.byteLength(message), 0);
  const startedAt = performance.now();
  for (const message of messages) JSON.parse(message);
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perSecond: findings / seconds, meanBytes: Math.round(bytes / findings) };
}

function table(rows: readonly CaseResult[], perSecond: number): string {
  const number = (value: number, digits = 0): string => value.toFixed(digits);
  return renderTable<CaseResult>(
    {
      rows,
      columns: [
        { title: 'SINK', text: ({ sink }) => sink },
        { title: 'FORMAT', text: ({ format }) => format },
        { title: 'FINDINGS/S', text: (row) => number(row.findingsPerSecond), align: 'right' },
        {
          title: 'OF LIMIT',
          text: (row) => `${number((100 * row.findingsPerSecond) / perSecond, 1)} %`,
          align: 'right',
        },
        { title: 'SECONDS', text: ({ seconds }) => number(seconds, 2), align: 'right' },
        { title: 'CPU S', text: ({ cpuSeconds }) => number(cpuSeconds, 2), align: 'right' },
        { title: 'PEAK RSS MB', text: (row) => number(row.peakRssMegabytes), align: 'right' },
        { title: 'AWS CALLS', text: ({ awsCalls }) => String(awsCalls), align: 'right' },
      ],
    },
    { width: 120, color: false },
  );
}

const { values } = parseArgs({
  options: { findings: { type: 'string', default: '20000' }, json: { type: 'string' } },
});
const findings = Number(values.findings);
const folder = await mkdtemp(join(tmpdir(), 'guardrelay-bench-'));
try {
  const { perSecond, meanBytes } = limit(findings);
  process.stdout.write(
    `${findings} findings of ${meanBytes} bytes, ${cpus().length} cores, Node ${process.version}\n`,
  );
  process.stdout.write(`limit: JSON.parse of the same bytes ${Math.round(perSecond)}/s\n\n`);
  const rows: CaseResult[] = [];
  for (const sink of SINKS) {
    for (const format of FORMAT_NAMES) rows.push(await measure(sink, format, findings, folder));
  }
  process.stdout.write(table(rows, perSecond));
  if (values.json)
    await writeFile(values.json, `${JSON.stringify({ perSecond, meanBytes, rows }, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
