import { ageText } from '../terminal/age.ts';

/** `2026-11-20 21:40:00`, which is UTC everywhere in the console. */
export function utcText(instant: string | number): string {
  return new Date(instant).toISOString().slice(0, 19).replace('T', ' ');
}

/** `21:40:00`. */
export function clockText(instant: string | number): string {
  return utcText(instant).slice(11);
}

/** How long ago, in the largest whole unit; what never happened is `never`. */
export function sinceText(instant: string | undefined, now: number): string {
  return ageText(instant === undefined ? undefined : Math.min(now, Date.parse(instant)), now);
}

const SPOKEN: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day' };

/** The same for a screen reader: `47 minutes`. */
export function spokenAge(instant: string | undefined, now: number): string {
  const short = sinceText(instant, now);
  const count = short.slice(0, -1);
  const unit = SPOKEN[short.slice(-1)];
  return unit === undefined || short === 'never' ? short : `${count} ${unit}${count === '1' ? '' : 's'}`;
}
