import { useId, useState } from 'preact/hooks';

import type { SeriesAnswer } from '../../api/series.ts';
import type { Chart } from '../../view/charts/chart.ts';
import { sinceText } from '../../view/charts/series-charts.ts';
import { usePolled } from '../polled.ts';
import { TimeChart } from './time-chart.tsx';

type SpanName = SeriesAnswer['summary']['span'];

const REFRESH_SECONDS = 20;
const SPANS: readonly { readonly name: SpanName; readonly title: string }[] = [
  { name: 'hour', title: '1 hour' },
  { name: 'day', title: '24 hours' },
];

interface SeriesSectionProps {
  readonly title: string;
  chartsOf(answer: SeriesAnswer): readonly Chart[];
}

/** Charts of the last hour or day. That the agent does not answer is told above, where what is broken stands. */
export function SeriesSection({ title, chartsOf }: SeriesSectionProps) {
  const [span, setSpan] = useState<SpanName>('hour');
  const { answer, error } = usePolled<SeriesAnswer>(`/series?span=${span}`, {
    everySeconds: REFRESH_SECONDS,
  });
  const id = useId();
  return (
    <section class="stack charts" aria-labelledby={id}>
      <div class="head">
        <h2 id={id}>{title}</h2>
        <SpanSwitch span={span} onChange={setSpan} />
        <span class="muted">{answer && sinceText(answer.summary)}</span>
      </div>
      {answer ? (
        <div class="columns">
          {chartsOf(answer).map((chart) => (
            <TimeChart key={chart.title} chart={chart} />
          ))}
        </div>
      ) : (
        <p class="muted">{error === undefined ? 'Loading…' : `This cannot be shown: ${error}`}</p>
      )}
    </section>
  );
}

function SpanSwitch({ span, onChange }: { readonly span: SpanName; onChange(span: SpanName): void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend and cannot stand in a line
    <div class="switch" role="group" aria-label="How far back">
      {SPANS.map(({ name, title }) => (
        <button key={name} type="button" aria-pressed={span === name} onClick={() => onChange(name)}>
          {title}
        </button>
      ))}
    </div>
  );
}
