import { SOURCE_STATES } from '../../../health/states.ts';
import { GLYPHS } from '../../terminal/glyphs.ts';
import type { StatusAnswer } from '../../view/answers.ts';
import { grouped } from '../../view/count-text.ts';
import { figuresOf } from '../../view/figures.ts';

export function Figures({ status }: { readonly status: StatusAnswer }) {
  return (
    <dl class="figures">
      {figuresOf(status).map(({ name, value, note }) => (
        <div key={name} class="figure">
          <dt>{name}</dt>
          <dd class="value">{value}</dd>
          <dd class="note">{note}</dd>
        </div>
      ))}
    </dl>
  );
}

/** How many sources are in which state; each leads to them. */
export function StateCounts({ states }: { readonly states: StatusAnswer['summary']['states'] }) {
  return (
    <ul class="counts" aria-label="Sources by state">
      {SOURCE_STATES.filter((state) => (states[state] ?? 0) > 0).map((state) => (
        <li key={state}>
          <a class={`state ${state}`} href={`/sources?state=${state}`}>
            <span aria-hidden="true">{GLYPHS[state]}</span> {grouped(states[state] ?? 0)} {state}
          </a>
        </li>
      ))}
    </ul>
  );
}
