import { renderTable } from '../../agent/console/terminal/table.ts';
import { FORMAT_NAMES } from '../../agent/model/format.ts';
import type { DrainOptions, DrainResult } from './drain-case.ts';
import { benchFindings } from './findings.ts';
import { runCase } from './scene.ts';

// Every implemented format through every implemented sink, beside the limit: JSON.parse of the same bytes.

const SINKS = ['webhook', 'syslog'] as const;

/** The cases of one run, with the limit that they are measured against. */
export interface DrainReport {
  readonly findings: number;
  readonly perSecond: number;
  readonly meanBytes: number;
  readonly rows: readonly DrainResult[];
}

export async function drainRows(findings: number): Promise<DrainReport> {
  const rows: DrainResult[] = [];
  for (const sink of SINKS) {
    for (const format of FORMAT_NAMES)
      rows.push(
        await runCase(new URL(new URL('./drain-case.ts', import.meta.url), import.meta.url), {
          sink,
          format,
          findings,
          leastBytes: 0,
        } satisfies DrainOptions),
      );
  }
  return { findings, ...limit(findings), rows };
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

export function drainTable({ rows, perSecond }: DrainReport): string {
  const number = (value: number, digits = 0): string => value.toFixed(digits);
  return renderTable<DrainResult>(
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
