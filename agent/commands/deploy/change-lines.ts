import { printableJson } from '../../console/terminal/printable.ts';
import type { DeployProgress } from '../../deploy/context.ts';
import { explainFailure } from '../../deploy/failure.ts';
import { placeKey } from '../../deploy/places.ts';
import { type InstanceResult, isFinal } from '../../deploy/result.ts';
import { systemClock } from '../../model/clock.ts';

/** The same progress, and each change as a line of JSON on the stream, for programs that look on. */
export function withChangeLines(
  command: string,
  progress: DeployProgress,
  stream: Pick<NodeJS.WriteStream, 'write'>,
): DeployProgress {
  let total = 0;
  const ended = new Set<string>();
  return {
    ...progress,
    begin(count) {
      total = count;
      ended.clear();
      progress.begin(count);
    },
    changed(result) {
      if (isFinal(result)) ended.add(`${result.stack}/${placeKey(result)}`);
      const line = { type: 'change', at: new Date(systemClock.now()).toISOString(), command };
      const count = { ended: ended.size, total: Math.max(total, ended.size) };
      stream.write(`${printableJson({ ...line, ...count, ...result, ...codeOf(result) })}\n`);
      progress.changed(result);
    },
  };
}

function codeOf({ status, reason }: InstanceResult) {
  return status === 'failed' || status === 'cancelled' ? { code: explainFailure(reason).code } : {};
}
