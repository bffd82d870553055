import type { ComponentChildren } from 'preact';

import type { Polled } from '../polled.ts';

interface LoadedProps<Answer> {
  readonly of: Polled<Answer>;
  children(answer: Answer): ComponentChildren;
}

/** What was answered; says so while there is nothing yet, and when the agent does not answer any more. */
export function Loaded<Answer>({ of: { answer, error }, children }: LoadedProps<Answer>) {
  return (
    <>
      {error !== undefined && (
        <p class="notice bad" role="alert">
          {answer === undefined ? 'This cannot be shown: ' : 'What you see may be old: '}
          {error}
        </p>
      )}
      {answer === undefined ? error === undefined && <p class="muted">Loading…</p> : children(answer)}
    </>
  );
}
