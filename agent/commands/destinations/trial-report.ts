import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import { widthOf, wrap } from '../../console/terminal/width.ts';
import type { CheckResult } from '../../deploy/checks/check.ts';
import type { SinkPlace } from '../../model/sink.ts';
import type { TrialStep } from './steps.ts';
import type { Trial } from './try-destination.ts';

interface TrialView {
  /** Epoch ms. */
  readonly now: number;
  readonly tookMs: number;
  readonly screen: Screen;
}

interface Row extends Pick<Trial, 'destination' | 'type'>, TrialStep {}

const GLYPHS: Readonly<Record<CheckResult['kind'], string>> = {
  passed: '✔',
  warned: '⚠',
  failed: '✖',
  skipped: '·',
};

/** On a terminal a block for each destination; elsewhere a row for each step. */
export function printTrials(trials: readonly Trial[], view: TrialView): void {
  const { screen } = view;
  const isTable = screen.output === 'table';
  const blocks = trials.map((trial) => `${trialLines(trial, screen.width).join('\n')}\n\n`).join('');
  process.stdout.write(isTable ? blocks : renderListing(listing(trials, view), screen));
  (isTable ? process.stdout : process.stderr).write(sentence(trials, view));
}

function listing(trials: readonly Trial[], { now, tookMs }: TrialView): Listing<Row> {
  return {
    name: 'destinations-test',
    generatedAt: now,
    summary: {
      destinations: trials.length,
      failed: trials.filter(hasFailed).length,
      tookMs: Math.round(tookMs),
    },
    rows: trials.flatMap(({ destination, type, steps }) =>
      steps.map((step) => ({ destination, type, ...step })),
    ),
    columns: [
      { title: 'DESTINATION', text: ({ destination }) => destination },
      { title: 'STEP', text: ({ step }) => step },
      { title: 'RESULT', text: ({ result }) => result.kind },
      { title: 'CODE', text: ({ result }) => (result.kind === 'failed' ? result.code : '-') },
      { title: 'MS', text: ({ tookMs: ms }) => (ms === undefined ? '-' : String(Math.round(ms))) },
      { title: 'FOUND', text: ({ result }) => foundText(result) },
      { title: 'FIX', text: ({ result }) => fixText(result) },
    ],
    json: ({ result: { kind, ...said }, tookMs: ms, ...row }) => ({
      ...row,
      result: kind,
      ...said,
      ...(ms !== undefined && { tookMs: Math.round(ms) }),
    }),
  };
}

function hasFailed({ steps }: Trial): boolean {
  return steps.some(({ result }) => result.kind === 'failed');
}

function foundText(result: CheckResult): string {
  return result.kind === 'skipped' ? result.why : (result.found ?? '');
}

function fixText(result: CheckResult): string {
  return result.kind === 'failed' || result.kind === 'warned' ? result.fix : '';
}

const INDENT = ' '.repeat(11);
const MS_COLUMNS = 11;

function trialLines(trial: Trial, width: number): readonly string[] {
  const { destination, type, place, steps } = trial;
  const glyph = GLYPHS[hasFailed(trial) ? 'failed' : 'passed'];
  const title = `${glyph} ${destination} · ${type} ${transportText(place)} to ${place.name}`;
  return [...wrap(printable(title), width), ...steps.flatMap((step) => stepLines(step, width))];
}

function transportText({ transport }: SinkPlace): string {
  const isClear = transport !== 'https' && transport !== 'tls';
  return `over ${transport.toUpperCase()}${isClear ? ', in clear text,' : ''}`;
}

function stepLines({ step, tookMs, result }: TrialStep, width: number): readonly string[] {
  const code = result.kind === 'failed' ? `${result.code} ` : '';
  const found = printable(code + foundText(result));
  const columns = width - INDENT.length - MS_COLUMNS;
  const [first = '', ...rest] = wrap(found, columns);
  const head = `  ${GLYPHS[result.kind]} ${step.padEnd(6)} `;
  const took = tookMs === undefined ? '' : `${Math.round(tookMs)} ms`.padStart(MS_COLUMNS);
  const gap = took === '' ? '' : ' '.repeat(Math.max(0, columns - widthOf(first)));
  return [head + first + gap + took, ...rest.map((text) => INDENT + text), ...adviceLines(result)];
}

/** Not folded: it shall survive being copied. */
function adviceLines(result: CheckResult): readonly string[] {
  const fix = fixText(result);
  if (fix === '') return [];
  const lines = [`${INDENT}fix   ${printable(fix)}`];
  return result.kind === 'failed' ? [...lines, `${INDENT}docs  docs/errors/${result.code}.md`] : lines;
}

function sentence(trials: readonly Trial[], { tookMs }: TrialView): string {
  const failed = trials.filter(hasFailed).length;
  const took = `${(tookMs / 1_000).toFixed(1)} s`;
  const noun = trials.length === 1 ? 'destination' : 'destinations';
  return `${trials.length} ${noun} in ${took}: ${trials.length - failed} sound, ${failed} failed.\n`;
}
