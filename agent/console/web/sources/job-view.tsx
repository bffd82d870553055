import type { JobAnswer } from '../../api/jobs.ts';
import { clockText } from '../../view/instant-text.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Badge } from '../parts/state-badge.tsx';
import { usePolled } from '../polled.ts';

const REFRESH_SECONDS = 1;
const KINDS: Readonly<Record<JobAnswer['data']['state'], string>> = {
  running: 'pending',
  done: 'ok',
  failed: 'failing',
};

/** A job, step by step, until it has ended. */
export function JobView({ id }: { readonly id: string }) {
  const job = usePolled<JobAnswer>(`/jobs/${id}`, {
    everySeconds: REFRESH_SECONDS,
    until: ({ data }) => data.state !== 'running',
  });
  return <Loaded of={job}>{({ data }) => <Steps job={data} />}</Loaded>;
}

function Steps({ job: { kind, state, steps, result } }: { readonly job: JobAnswer['data'] }) {
  return (
    <div role="status" class="stack">
      <p>
        <Badge kind={KINDS[state]}>{state}</Badge> {kind}
        {result !== undefined && `: ${result}`}
      </p>
      <ol>
        {steps.map(({ at, kind: step, text }) => (
          <li key={`${at}/${step}/${text}`}>
            <time class="muted" dateTime={at}>
              {clockText(at)}
            </time>{' '}
            {text}
          </li>
        ))}
      </ol>
    </div>
  );
}
