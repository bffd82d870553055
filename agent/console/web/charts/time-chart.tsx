import type { Chart } from '../../view/charts/chart.ts';
import { HEIGHT } from '../../view/charts/geometry.ts';
import { Figure } from '../parts/figure.tsx';

/** Bars or lines over time, with a legend that also says how much; all text is outside of the drawing. */
export function TimeChart({ chart }: { readonly chart: Chart }) {
  const { title, note, shape, cells, tracks, ticks, times, words, head, rows } = chart;
  return (
    <Figure title={title} note={note} head={head} rows={rows}>
      <div class="plot">
        <div class="ticks" aria-hidden="true">
          {ticks.map((tick) => (
            <span key={tick}>{tick}</span>
          ))}
        </div>
        <svg
          class={`chart ${shape}`}
          viewBox={`0 0 ${cells} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={words}
        >
          <path class="grid" d={`M0 0H${cells}M0 ${HEIGHT / 2}H${cells}M0 ${HEIGHT}H${cells}`} />
          {tracks.map(({ look, path }) => (
            <path key={look} class={`track ${look}`} d={path} />
          ))}
        </svg>
        <div class="axis" aria-hidden="true">
          {times.map((time, at) => (
            <span key={at}>{time}</span>
          ))}
        </div>
      </div>
      <Legend chart={chart} />
    </Figure>
  );
}

function Legend({ chart: { shape, tracks } }: { readonly chart: Chart }) {
  return (
    <ul class="legend">
      {tracks.map(({ name, look, figure }) => (
        <li key={name}>
          <svg class={`chart swatch ${shape}`} viewBox="0 0 18 10" aria-hidden="true">
            <path class={`track ${look}`} d={shape === 'bars' ? 'M4 0h10v10h-10z' : 'M1 5h16'} />
          </svg>
          {name} <span class="muted">{figure}</span>
        </li>
      ))}
    </ul>
  );
}
