import { createHmac } from 'node:crypto';

import { z } from 'zod';

import { AwsError } from '../service.ts';
import type { Cursor } from './rows.ts';

/** What a page token remembers. `after` absent: nothing was read yet. */
export interface PageToken {
  /** The log group and the parameters of the read; a token serves no other. */
  readonly binding: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly after?: Cursor | undefined;
}

const pageToken = z.tuple([
  z.string(),
  z.number(),
  z.object({ timestamp: z.number(), ingestionTime: z.number(), sequence: z.number() }).optional(),
]);

/** Not a secret: it only tells our tokens from garbage. */
const KEY = 'localaws page token';

function seal(body: string): string {
  return createHmac('sha256', KEY).update(body).digest('base64url').slice(0, 22);
}

/** Writes a token: opaque text, valid for one read of one group. */
export function writeToken({ binding, expiresAt, after }: PageToken): string {
  const body = Buffer.from(JSON.stringify(after ? [binding, expiresAt, after] : [binding, expiresAt]));
  const text = body.toString('base64url');
  return `${text}/${seal(text)}`;
}

/** Reads a token for this binding at this time; throws InvalidParameterException. */
export function readToken(token: string, binding: string, now: number): PageToken {
  const refused = new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  const [body = '', mark] = token.split('/');
  if (mark !== seal(body)) throw refused;
  const [bound, expiresAt, after] = pageToken.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
  if (bound !== binding || expiresAt <= now) throw refused;
  return { binding, expiresAt, after };
}
