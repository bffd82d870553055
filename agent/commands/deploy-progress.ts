import { barColumns, createProgress, type Progress } from '../console/terminal/progress.ts';
import type { DeployProgress } from '../deploy/context.ts';
import { explainFailure } from '../deploy/failure.ts';
import { type InstanceResult, isFinal } from '../deploy/result.ts';
import { systemClock } from '../model/clock.ts';

export interface DeployProgressView extends DeployProgress {
  end(): void;
}

/** Shows on stderr how a deployment goes; `quiet`: shows nothing. */
export function createDeployProgress(label: string, quiet: boolean): DeployProgressView {
  if (quiet) return { begin() {}, changed() {}, note() {}, end() {} };
  const stream = process.stderr;
  const view = createProgress({
    stream,
    clock: systemClock,
    label,
    barColumns: barColumns(stream, process.env),
  });
  return { begin: view.begin, note: view.note, end: view.end, changed: (result) => tell(view, result) };
}

function tell(view: Progress, result: InstanceResult): void {
  const { account, region, stack, status, reason } = result;
  const good = status === 'succeeded';
  const running = isFinal(result) ? 'bad' : 'running';
  const why = reason === undefined ? '' : `reason=${JSON.stringify(reason)} `;
  view.step({
    subject: `${account} ${region} ${stack}`,
    state: status.toUpperCase(),
    outcome: good ? 'good' : running,
    ...(running === 'bad' && !good && { detail: `${why}code=${explainFailure(reason).code}` }),
  });
}
