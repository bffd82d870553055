import type { AgentView } from '../../agent/console/agent-view.ts';
import { createSeries, type Series } from '../../agent/health/series/series.ts';

const KINDS = [
  ...Array.from({ length: 8 }, () => 'finding' as const),
  ...(['config-change', 'config-change', 'guardduty-event', 'unparsed'] as const),
];

interface Scene {
  readonly customers: Parameters<typeof createSeries>[0]['customers'];
  /** Until when there was traffic, epoch ms. */
  readonly now: number;
  readonly minutes: number;
}

/** Traffic of the same shape whenever it is asked for: with a pause in every hour, and a hiccup near the end. */
export function seriesScene({ customers, now, minutes }: Scene): AgentView['series'] {
  const at = (minute: number): number => now - (minutes - minute) * 60_000;
  let time = at(0);
  const series = createSeries({ customers, now: () => time });
  for (let minute = 0; minute <= minutes; minute += 1) {
    time = at(minute);
    const slowness = minutes - minute > 3 && minutes - minute < 9 ? 40 : 1;
    for (const customer of customers) passMinute(series, { customer, minute, slowness });
  }
  return series.read;
}

interface SceneMinute {
  readonly customer: Scene['customers'][number];
  readonly minute: number;
  /** How many times as long as usual everything takes. */
  readonly slowness: number;
}

function passMinute(series: Series, { customer: { id, destinations }, minute, slowness }: SceneMinute): void {
  const isPause = minute % 60 > 22 && minute % 60 < 28;
  const records = isPause ? 0 : 6 + Math.round(5 * Math.sin(minute / 7)) + (minute % 5);
  for (let record = 0; record < records; record += 1) {
    series.record(id, KINDS[(minute * 7 + record) % KINDS.length] ?? 'finding');
    series.lag(id, (2 + (record % 6)) * slowness);
    for (const each of destinations) series.acknowledged(each, (0.04 + 0.03 * (record % 8)) * slowness);
  }
  for (const destination of destinations) {
    series.waiting({ customer: id, destination }, slowness > 1 ? 9 * slowness : minute % 3);
  }
}
