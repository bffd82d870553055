import { isIP } from 'node:net';

// JSON.stringify leaves out what is undefined, so that an absent attribute costs nothing. What would be an
// empty object or list, a fraction in an integer, or an address longer than OCSF takes, has to be undefined.

/** `max_len` of `ip_t`: an IPv6 address with a long zone is longer. */
const LONGEST_IP = 40;

export function filledList<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

export function integer(value: number | undefined): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

export function ipOf(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= LONGEST_IP && isIP(text) !== 0 ? text : undefined;
}

export function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}
