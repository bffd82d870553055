import { grouped } from '../count-text.ts';

/** What the numbers of a chart are, and where its axis may end: half of each end is a round number, too. */
export interface Scale {
  topFor(largest: number): number;
  text(value: number): string;
}

const COUNT_STEPS = [2, 4, 10];

export const COUNTS: Scale = {
  topFor(largest) {
    const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, largest))));
    return (COUNT_STEPS.find((step) => step * power >= largest) ?? 10) * power;
  },
  text: grouped,
};

const SECONDS = [
  ...[0.01, 0.02, 0.04, 0.1, 0.2, 0.4, 1, 2, 4, 10, 20, 60, 120, 240, 600, 1_200, 3_600],
  ...[7_200, 14_400, 43_200, 86_400],
];
const DAY_SECONDS = 86_400;

export const DURATIONS: Scale = {
  topFor: (largest) =>
    SECONDS.find((seconds) => seconds >= largest) ?? Math.ceil(largest / DAY_SECONDS) * DAY_SECONDS,
  text(seconds) {
    if (seconds === 0) return '0 s';
    if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
    if (seconds < 60) return `${short(seconds)} s`;
    if (seconds < 3_600) return `${short(seconds / 60)} min`;
    return `${short(seconds / 3_600)} h`;
  },
};

/** Of what is looked at now and again: less than a minute is as good as nothing. */
export const WAITING: Scale = {
  topFor: (largest) => DURATIONS.topFor(Math.max(60, largest)),
  text: (seconds) => DURATIONS.text(seconds),
};

/** With one decimal where it says something. */
function short(value: number): string {
  return value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}
