import type { SealedBatch } from '../../model/batch.ts';
import type { Answer, HttpClient } from '../wire/http-client.ts';
import type { Verdict } from './answer.ts';
import { type Compression, compress, encodingOf } from './compression.ts';
import type { Authorized, Credentials, Headers } from './credentials.ts';

/** Posts sealed batches with credentials, compressed as long as the receiver takes that. */
export interface Poster {
  /** The body as it goes over the wire. */
  compress(body: Buffer): Buffer;
  /** Tries once more with secrets read anew (401, 403, 407) and without compression (415). */
  post(batch: SealedBatch, headers: Headers, signal: AbortSignal): Promise<Answer>;
}

interface PosterParts {
  readonly client: HttpClient;
  readonly url: URL;
  readonly credentials: Credentials;
  readonly compression: Compression;
  /** The body of a batch before compression. */
  bodyOf(batch: SealedBatch): Buffer;
  verdict(answer: Answer): Verdict;
}

interface Try {
  readonly answer: Answer;
  readonly authorized: Authorized;
  readonly compressed: boolean;
}

export function createPoster(parts: PosterParts): Poster {
  const { client, url, credentials, bodyOf, verdict } = parts;
  let { compression } = parts;

  async function send(batch: SealedBatch, headers: Headers, signal: AbortSignal): Promise<Try> {
    const encoding = compression === 'none' ? undefined : encodingOf(batch.wire);
    const body = (): Buffer => bodyOf(batch);
    const wire = encoding ? batch.wire : body();
    const all = { ...headers, ...(encoding && { 'content-encoding': encoding }) };
    const request = { method: 'POST', url, batchId: batch.id, body, wire, headers: all };
    const authorized = await credentials.authorize(request, signal);
    const { path } = authorized;
    const headed = { ...all, ...authorized.headers };
    const answer = await client.exchange({ body: wire, headers: headed, ...(path && { path }) }, signal);
    return { answer, authorized, compressed: encoding !== undefined };
  }

  /** Whether another try can do better. */
  async function repair({ answer, authorized, compressed }: Try, signal: AbortSignal): Promise<boolean> {
    const means = verdict(answer);
    if (means === 'auth') return credentials.renew(authorized, signal);
    if (means !== 'compression' || !compressed) return false;
    compression = 'none';
    return true;
  }

  return {
    compress: (body) => (body.length === 0 ? body : compress(body, compression)),
    async post(batch, headers, signal) {
      const first = await send(batch, headers, signal);
      if (!(await repair(first, signal))) return first.answer;
      const { answer } = await send(batch, headers, signal);
      return answer;
    },
  };
}
