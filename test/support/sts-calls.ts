import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Test } from 'tap';

import type { Clock } from '../../agent/model/clock.ts';

/** Times of the AssumeRole calls of this process for roles of one account; ends with the test. */
export function watchAssumeRole(t: Test, account: string, clock: Clock): readonly number[] {
  const times: number[] = [];
  const note = (message: unknown): void => {
    const body = bodyOf(message);
    if (body.includes('Action=AssumeRole') && body.includes(account)) times.push(clock.now());
  };
  subscribe('undici:request:create', note);
  t.teardown(() => unsubscribe('undici:request:create', note));
  return times;
}

function bodyOf(message: unknown): string {
  if (typeof message !== 'object' || message === null || !('request' in message)) return '';
  const { request } = message;
  if (typeof request !== 'object' || request === null || !('body' in request)) return '';
  const { body } = request;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  return typeof body === 'string' ? body : '';
}
