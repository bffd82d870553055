import type { SourceDetailAnswer } from '../../api/source.ts';
import { clockText } from '../../view/instant-text.ts';
import { runsOf } from '../../view/runs.ts';
import { Figure } from '../parts/figure.tsx';

type History = SourceDetailAnswer['data']['history'];

/** The worst state of each quarter of an hour of a day. */
export function StateStrip({ history }: { readonly history: History }) {
  const { from, cellMinutes, states } = history;
  const start = Date.parse(from);
  const timeAt = (cell: number): string => clockText(start + cell * cellMinutes * 60_000).slice(0, 5);
  const runs = runsOf(states);
  const middle = Math.floor(states.length / 2);
  return (
    <Figure
      title="Last 24 hours"
      note={`each cell is ${cellMinutes} minutes`}
      head={['From', 'To', 'State']}
      rows={runs.map(({ state, from: first, to }) => [timeAt(first), timeAt(to), state ?? 'not observed'])}
    >
      <svg
        class="strip"
        viewBox={`0 0 ${states.length} 10`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words(runs, timeAt)}
      >
        {states.map((state, at) => (
          <rect key={at} class={state ?? undefined} x={at + 0.08} y="0" width="0.84" height="10" />
        ))}
      </svg>
      <div class="axis" aria-hidden="true">
        <span>{timeAt(0)}</span>
        <span>{timeAt(middle)}</span>
        <span>{timeAt(states.length)} UTC</span>
      </div>
    </Figure>
  );
}

function words(runs: ReturnType<typeof runsOf>, timeAt: (cell: number) => string): string {
  const told = runs.slice(-4).map(({ state, from }) => `${state ?? 'not observed'} from ${timeAt(from)}`);
  return `States of the last 24 hours; at the end: ${told.join(', ')}`;
}
