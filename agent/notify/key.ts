import { hash } from 'node:crypto';

/** A key as it is where a far side takes it, else a name made of it: always the same for the same key. */
export function keyWithin(key: string, maxLength: number): string {
  const isPlain = /^[\u0021-\u007e]+$/.test(key);
  return isPlain && key.length <= maxLength ? key : `guardrelay-${hash('sha256', key)}`;
}
