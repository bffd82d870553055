import { gzipSync } from 'node:zlib';

import type { SealedBatch } from '../../model/batch.ts';
import type { Outcome } from '../../model/outcome.ts';
import { joinBytes } from '../seal.ts';
import type { Credentials } from './credentials.ts';
import { outcomeOfAnswer, type Verdict, verdictOf } from './http-answer.ts';
import type { Answer, HttpClient } from './http-client.ts';

type Headers = Readonly<Record<string, string>>;

/** Posts sealed batches with credentials, compressed as long as the receiver takes that. */
export interface Poster {
  /** The body as it goes over the wire. */
  compress(body: Buffer): Buffer;
  /** Tries once more with secrets read anew (401, 403, 407) and without compression (415). */
  post(batch: SealedBatch, headers: Headers, signal: AbortSignal): Promise<Answer>;
  verdict(answer: Answer): Verdict;
  /** The outcome of an answer, where the sink knows nothing better than its status. */
  outcome(answer: Answer, nowMs: number): Outcome;
}

interface PosterParts {
  readonly client: HttpClient;
  readonly credentials: Credentials;
  readonly gzip: boolean;
  readonly successStatuses: readonly number[];
}

export function createPoster({ client, credentials, gzip, successStatuses }: PosterParts): Poster {
  let compresses = gzip;

  async function send(batch: SealedBatch, headers: Headers, signal: AbortSignal): Promise<Answer> {
    const zipped = compresses && isGzip(batch.wire);
    const encoding = zipped ? { 'content-encoding': 'gzip' } : {};
    const body = zipped ? batch.wire : joinBytes(batch.records);
    const answer = await client.post(body, { ...headers, ...encoding }, signal);
    if (!zipped || verdict(answer) !== 'compression') return answer;
    compresses = false;
    return send(batch, headers, signal);
  }

  function verdict(answer: Answer): Verdict {
    return verdictOf(answer, successStatuses);
  }

  return {
    compress: (body) => (compresses ? gzipSync(body) : body),
    async post(batch, headers, signal) {
      const secret = await credentials.headers();
      const answer = await send(batch, { ...headers, ...secret }, signal);
      if (verdict(answer) !== 'auth') return answer;
      const renewed = await credentials.renew(secret);
      return renewed ? send(batch, { ...headers, ...renewed }, signal) : answer;
    },
    verdict,
    outcome(answer, nowMs) {
      const means = verdict(answer);
      if (means === 'success') return { kind: 'ok', grade: 'accepted' };
      return outcomeOfAnswer(means, answer, { name: client.name, nowMs, mask: credentials.mask });
    },
  };
}

/** Told by its first bytes, which no text in UTF-8 begins with. */
function isGzip(wire: Buffer): boolean {
  return wire[0] === 0x1f && wire[1] === 0x8b;
}
