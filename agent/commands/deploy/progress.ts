import {
  barColumns,
  createProgress,
  type Progress,
  type ProgressStep,
} from '../../console/terminal/progress.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import type { DeployProgress } from '../../deploy/context.ts';
import { explainFailure } from '../../deploy/failure.ts';
import { type InstanceResult, isFinal } from '../../deploy/result.ts';
import { systemClock } from '../../model/clock.ts';
import { withChangeLines } from './change-lines.ts';

export type ProgressStyle = 'bar' | 'events' | 'none';

export interface ProgressWishes extends ScreenWishes {
  readonly quiet: boolean;
  /** Absent: a bar where a person looks on. */
  readonly progress?: ProgressStyle | undefined;
}

interface StackProgressWishes extends ProgressWishes {
  /** The stack that goes without saying. */
  readonly usualStack: string;
}

/** Shows on stderr how a deployment goes, and in NDJSON on stdout too. */
export function createDeployProgress(label: string, wishes: StackProgressWishes): DeployProgress {
  const view = createProgressView(label, wishes);
  const progress: DeployProgress = {
    begin: view.begin,
    note: view.note,
    end: view.end,
    changed: (result) => view.step(stepOf(result, wishes.usualStack)),
  };
  const { output } = screenFor(wishes, process.env, process.stdout);
  return output === 'ndjson' ? withChangeLines(label, progress, process.stdout) : progress;
}

/** A bar, lines or nothing, on stderr. */
export function createProgressView(label: string, { quiet, progress }: ProgressWishes): Progress {
  if (quiet || progress === 'none') return { begin() {}, step() {}, note() {}, end() {} };
  const stream = process.stderr;
  return createProgress({ stream, clock: systemClock, label, barColumns: columnsOf(stream, progress) });
}

/** Of a terminal that does not tell. */
const USUAL_COLUMNS = 80;

function columnsOf(stream: NodeJS.WriteStream, style: 'bar' | 'events' | undefined): number | undefined {
  if (style === 'events') return undefined;
  const usual = barColumns(stream, process.env);
  return style === 'bar' ? (usual ?? (stream.columns || USUAL_COLUMNS)) : usual;
}

function stepOf(result: InstanceResult, usualStack: string): ProgressStep {
  const { account, region, stack, status, reason } = result;
  const subject = stack === usualStack ? `${account} ${region}` : `${account} ${region} ${stack}`;
  const step = { subject, state: status.toUpperCase() };
  if (!isFinal(result)) return { ...step, outcome: 'running' };
  if (status === 'succeeded') return { ...step, outcome: 'good' };
  const why = reason === undefined ? '' : `reason=${JSON.stringify(reason)} `;
  return { ...step, outcome: 'bad', detail: `${why}code=${explainFailure(reason).code}` };
}
