import { hash } from 'node:crypto';

const KEY_BYTES = 16;

/** The name of a log event among the finished ones of its source: 16 bytes of SHA-256(stream, NUL, event id). */
export function eventKey(stream: string, eventId: string): Uint8Array {
  return hash('sha256', `${stream}\0${eventId}`, 'buffer').subarray(0, KEY_BYTES);
}
