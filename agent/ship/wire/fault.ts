import type { ErrorCode } from '../../model/error.ts';
import type { BlockedWhy, Outcome } from '../../model/outcome.ts';

/** A failure on the way to the far side that already knows what it means for the batch. */
export class WireError extends Error {
  readonly code = 'ERR_WIRE';
  readonly outcome: Outcome;

  constructor(outcome: Outcome, cause?: unknown) {
    super(outcome.kind, { cause });
    this.name = 'WireError';
    this.outcome = outcome;
  }
}

/** The peer sent FIN while we still had something to say. */
export class PeerClosedError extends Error {
  readonly code = 'ERR_PEER_CLOSED';

  constructor() {
    super('the peer closed the connection');
    this.name = 'PeerClosedError';
  }
}

/** Every sentence about a destination begins with the code of its page in docs/errors. */
export function retry(code: ErrorCode, sentence: string): Outcome {
  return { kind: 'retry', why: `${code}: ${sentence}` };
}

export function blocked(why: BlockedWhy, code: ErrorCode, sentence: string): Outcome {
  return { kind: 'blocked', why, detail: `${code}: ${sentence}` };
}

/** What was asked is not answered any more, because nobody waits for it. */
export const STOPPED = retry('DST-005', 'the agent stopped before the destination answered');

const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN']);
const CUT = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_PEER_CLOSED', 'UND_ERR_SOCKET']);
const SILENT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
/** OpenSSL's alerts after the handshake, such as a client certificate that TLS 1.3 refuses late. */
const TLS_ERROR = /^(ERR_SSL_|ERR_TLS_|EPROTO$)/;

/** The connection was there and broke: what was written may have arrived or not. */
export function isCut(error: unknown): boolean {
  return CUT.has(codeOf(error));
}

/** What an error means for everything that was being sent; an unknown one is transient. */
export function outcomeOf(error: unknown, endpoint: string): Outcome {
  if (error instanceof WireError) return error.outcome;
  const code = codeOf(error);
  if (UNRESOLVED.has(code)) return retry('DST-001', `the name in ${endpoint} cannot be resolved (${code})`);
  if (TLS_ERROR.test(code)) return tlsFailed(endpoint, error);
  if (SILENT.has(code)) return retry('DST-005', `${endpoint} did not answer in time (${code})`);
  if (CUT.has(code)) return retry('DST-005', `${endpoint} closed the connection early (${code})`);
  return retry('DST-002', `${endpoint} cannot be reached (${code})`);
}

export function tlsFailed(endpoint: string, error: unknown): Outcome {
  const said = error instanceof Error ? error.message : String(error);
  // Node goes on with advice for those who run Node by hand.
  const [fact = said] = said.split('; if the root CA');
  return blocked('tls', 'DST-003', `TLS with ${endpoint} failed: ${oneLine(fact, 300)}`);
}

export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** Text from outside, made fit for a message: one line, no control characters, bounded. */
export function oneLine(text: string, maxLength: number): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, maxLength);
}
