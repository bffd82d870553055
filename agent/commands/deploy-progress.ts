import { barColumns, createProgress, type ProgressStep } from '../console/terminal/progress.ts';
import type { DeployProgress } from '../deploy/context.ts';
import { explainFailure } from '../deploy/failure.ts';
import { type InstanceResult, isFinal } from '../deploy/result.ts';
import { systemClock } from '../model/clock.ts';

interface ProgressWishes {
  readonly quiet: boolean;
  /** The stack that goes without saying. */
  readonly usualStack: string;
}

/** Shows on stderr how a deployment goes. */
export function createDeployProgress(label: string, { quiet, usualStack }: ProgressWishes): DeployProgress {
  if (quiet) return { begin() {}, changed() {}, note() {}, end() {} };
  const stream = process.stderr;
  const view = createProgress({
    stream,
    clock: systemClock,
    label,
    barColumns: barColumns(stream, process.env),
  });
  return {
    begin: view.begin,
    note: view.note,
    end: view.end,
    changed: (result) => view.step(stepOf(result, usualStack)),
  };
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
