import { type Listing, renderListing } from '../console/terminal/listing.ts';
import { printable } from '../console/terminal/printable.ts';
import type { Screen } from '../console/terminal/screen.ts';
import type { CheckResult } from '../deploy/checks/check.ts';
import type { CheckRow, Examination } from './doctor-examine.ts';
import { countResults, doctorText } from './doctor-text.ts';

interface ExaminationView {
  /** Epoch ms. */
  readonly now: number;
  readonly tookMs: number;
  readonly screen: Screen;
}

/** On a terminal problems in full and the rest in numbers; elsewhere every check. */
export function printExamination(examination: Examination, view: ExaminationView): void {
  const { rows, leftOut } = examination;
  const { screen } = view;
  const isTable = screen.output === 'table';
  const text = isTable ? doctorText(rows, screen.width) : renderListing(listing(examination, view), screen);
  process.stdout.write(text);
  (isTable ? process.stdout : process.stderr).write(sentence(rows, view));
  for (const { code, reason } of leftOut) process.stderr.write(`${code} ${printable(reason)}\n`);
}

function listing({ rows, leftOut }: Examination, { now, tookMs }: ExaminationView): Listing<CheckRow> {
  return {
    name: 'doctor',
    generatedAt: now,
    summary: { checks: rows.length, ...countResults(rows), tookMs: Math.round(tookMs), leftOut },
    rows,
    columns: [
      { title: 'CUSTOMER', text: ({ customer }) => customer },
      { title: 'ACCOUNT', text: ({ account }) => account },
      { title: 'REGION', text: ({ region = '-' }) => region },
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

function foundText(result: CheckResult): string {
  return result.kind === 'skipped' ? result.why : (result.found ?? '');
}

function sentence(rows: readonly CheckRow[], { tookMs }: ExaminationView): string {
  const counts = Object.entries(countResults(rows)).flatMap(([kind, count]) =>
    count > 0 ? [`${count} ${kind}`] : [],
  );
  const seconds = (tookMs / 1000).toFixed(1);
  const results = counts.length > 0 ? counts.join(', ') : 'none applies here';
  return `${rows.length} checks in ${seconds} s: ${results}.\n`;
}
