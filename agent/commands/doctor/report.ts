import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import type { CheckResult } from '../../deploy/checks/check.ts';
import type { ExitCode } from '../../model/error.ts';
import type { FinishedCure } from './fix.ts';
import { type CheckRow, countResults, type Examination, foundText } from './rows.ts';
import { doctorText } from './text.ts';

export interface ExaminationView {
  /** Epoch ms. */
  readonly now: number;
  readonly tookMs: number;
  readonly screen: Screen;
  readonly exitCode: ExitCode;
  /** Absent: nothing was to be repaired. */
  readonly cures?: readonly FinishedCure[];
}

/** On a terminal problems in full and the rest in numbers; elsewhere every check. */
export function printExamination(examination: Examination, view: ExaminationView): void {
  const { screen } = view;
  if (screen.output === 'table') {
    process.stdout.write(doctorText(examination, { ...screen, ...view }));
    return;
  }
  process.stdout.write(renderListing(examinationListing(examination, view), screen));
  process.stderr.write(sentence(examination.rows, view));
  for (const { code, reason } of examination.leftOut) process.stderr.write(`${code} ${printable(reason)}\n`);
}

/** Every check that was made. */
export function examinationListing(
  { rows, leftOut }: Examination,
  { now, tookMs, exitCode, cures }: Omit<ExaminationView, 'screen'>,
): Listing<CheckRow> {
  return {
    name: 'doctor',
    generatedAt: now,
    summary: {
      checks: rows.length,
      ...countResults(rows),
      exitCode,
      tookMs: Math.round(tookMs),
      leftOut,
      ...(cures === undefined ? {} : { fixes: cures.map(cureJson) }),
    },
    rows,
    columns: [
      { title: 'CUSTOMER', text: ({ customer = '-' }) => customer },
      { title: 'ACCOUNT', text: ({ account = '-' }) => account },
      { title: 'REGION', text: ({ region = '-' }) => region },
      { title: 'DESTINATION', text: ({ destination = '-' }) => destination },
      { title: 'CHECK', text: ({ check }) => check },
      { title: 'RESULT', text: ({ result }) => result.kind },
      { title: 'CODE', text: ({ result }) => ('code' in result ? result.code : '-') },
      { title: 'FOUND', text: ({ result }) => foundText(result) },
      { title: 'FIX', text: ({ result }) => ('fix' in result ? result.fix : '') },
    ],
    json: ({ result, ...row }) => ({ ...row, ...resultJson(result) }),
  };
}

function resultJson({ kind, ...said }: CheckResult): object {
  if (!('remedies' in said) || said.remedies === undefined) return { result: kind, ...said };
  const remedies = said.remedies.map(({ place, apply, ...remedy }) => remedy);
  return { result: kind, ...said, remedies };
}

function cureJson({ row: { result, ...row }, remedy, outcome, isOk }: FinishedCure): object {
  const { description, command, action, resource } = remedy;
  return { ...row, description, command, action, resource, outcome, isOk };
}

function sentence(rows: readonly CheckRow[], { tookMs }: ExaminationView): string {
  const counts = Object.entries(countResults(rows)).flatMap(([kind, count]) =>
    count > 0 ? [`${count} ${kind}`] : [],
  );
  const seconds = (tookMs / 1000).toFixed(1);
  const results = counts.length > 0 ? counts.join(', ') : 'none applies here';
  return `${rows.length} checks in ${seconds} s: ${results}.\n`;
}
