import { problemsOf } from '../../../health/problems.ts';
import { GLYPHS } from '../../terminal/glyphs.ts';
import type { StatusAnswer } from '../../view/answers.ts';
import { trafficCharts } from '../../view/charts/series-charts.ts';
import { deliveryText, toneOf } from '../../view/figures.ts';
import { SeriesSection } from '../charts/series-section.tsx';
import { Announcer } from '../parts/announcer.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { usePolled } from '../polled.ts';
import { Figures, StateCounts } from './figures.tsx';
import { MatrixSection } from './matrix-section.tsx';
import { ProblemList } from './problem-list.tsx';

const REFRESH_SECONDS = 10;

/** Is everything well, and if not: what, for whom, since when, and what to do. */
export function OverviewPage({ status: first }: { readonly status: StatusAnswer | undefined }) {
  const status = usePolled<StatusAnswer>('/status', { everySeconds: REFRESH_SECONDS, first });
  return <Loaded of={status}>{(answer) => <Overview status={answer} />}</Loaded>;
}

function Overview({ status }: { readonly status: StatusAnswer }) {
  const now = Date.parse(status.generatedAt);
  const tone = toneOf(status);
  return (
    <>
      <div class={`verdict ${tone}`}>
        <h1>
          <span aria-hidden="true">{GLYPHS[tone]}</span> {status.summary.verdict}
        </h1>
        <p>{deliveryText(status)}</p>
      </div>
      <ProblemList problems={problemsOf(status.data)} now={now} />
      <Figures status={status} />
      <StateCounts states={status.summary.states} />
      <MatrixSection status={status} now={now} />
      <SeriesSection title="Traffic" chartsOf={trafficCharts} />
      <Announcer words={status.summary.verdict} />
    </>
  );
}
