import { useState } from 'preact/hooks';

import type { JobAnswer } from '../../api/jobs.ts';
import type { SourceAnswer } from '../../view/answers.ts';
import { order } from '../api.ts';
import { JobView } from './job-view.tsx';
import { MuteForm } from './mute-form.tsx';
import { ReplayForm } from './replay-form.tsx';

/** What an operator does with a source; each answers with a job, whose steps are shown as they come. */
export function Actions({ source }: { readonly source: SourceAnswer }) {
  const [job, setJob] = useState<string>();
  const [refusal, setRefusal] = useState<string>();
  const [form, open] = useState<'replay' | 'mute'>();
  const begin = (path: string, wish: object) => {
    setRefusal(undefined);
    order<JobAnswer>(path, { source: source.id, ...wish }).then(
      ({ data }) => {
        setJob(data.id);
        open(undefined);
      },
      (error: unknown) => setRefusal(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <section class="panel" aria-labelledby="actions">
      <h2 id="actions">What to do</h2>
      <div class="bar">
        <button type="button" class="primary" onClick={() => begin('/test', { via: 'events' })}>
          Send a test
        </button>
        <button type="button" onClick={() => begin('/test', { via: 'guardduty' })}>
          Send a sample finding
        </button>
        <Opener
          name="Replay…"
          isOpen={form === 'replay'}
          onToggle={(isOpen) => open(isOpen ? 'replay' : undefined)}
        />
        <Opener
          name="Mute…"
          isOpen={form === 'mute'}
          onToggle={(isOpen) => open(isOpen ? 'mute' : undefined)}
        />
      </div>
      {form === 'replay' && <ReplayForm onWish={(wish) => begin('/replay', wish)} />}
      {form === 'mute' && <MuteForm source={source} />}
      {refusal !== undefined && (
        <p class="notice bad" role="alert">
          {refusal}
        </p>
      )}
      {job !== undefined && <JobView key={job} id={job} />}
    </section>
  );
}

interface OpenerProps {
  readonly name: string;
  readonly isOpen: boolean;
  onToggle(isOpen: boolean): void;
}

function Opener({ name, isOpen, onToggle }: OpenerProps) {
  return (
    <button type="button" aria-expanded={isOpen} onClick={() => onToggle(!isOpen)}>
      {name}
    </button>
  );
}
