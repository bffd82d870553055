/** Numbers from here on are milliseconds, smaller ones seconds: 1e11 s is the year 5138. */
const LEAST_MS = 1e11;
/** 9999-12-31T23:59:59.999Z: later ones have no four-digit year. */
const LATEST_MS = 253_402_300_799_999;
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(?:Z|([+-])(\d\d):?(\d\d))?$/i;
/** How AWS writes nearly all of them: what `Date.parse` reads at once. */
const USUAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

function fromNumber(value: number): number | undefined {
  const ms = Math.round(value >= LEAST_MS ? value : value * 1000);
  return ms >= 0 && ms <= LATEST_MS ? ms : undefined;
}

function fromUsual(text: string): number | undefined {
  const utc = Date.parse(text);
  return Number.isNaN(utc) ? undefined : utc;
}

function fromIso(text: string): number | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second = '00', fraction = '', sign, hours = '0', minutes = '0'] =
    match;
  const millis = fraction.padEnd(3, '0').slice(0, 3);
  const utc = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}Z`);
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return Number.isNaN(utc) ? undefined : utc - offset;
}

/**
 * Epoch milliseconds of any form of time that GuardDuty, CloudTrail and their exports use: ISO 8601 with any
 * fraction, zone or blank, epoch seconds or milliseconds, as numbers or as text. No zone means UTC.
 */
export function ms(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  if (USUAL.test(value)) return fromUsual(value);
  const text = value.trim();
  if (text === '') return undefined;
  const number = Number(text);
  return Number.isNaN(number) ? fromIso(text) : fromNumber(number);
}
