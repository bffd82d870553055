import type { Socket } from 'node:net';
import { onAbort } from '../../model/timer.ts';
import { blocked, isCut, oneLine, retry, STOPPED, WireError } from './fault.ts';
import { createRelpDialog, type DialogOptions, type Ending, type RelpDialog } from './relp-dialog.ts';
import type { RelpAnswer, RelpRequest } from './relp-window.ts';

/** Load balancers spread sessions, not messages; and transaction numbers have nine digits at most. */
const MAX_MESSAGES = 1_000_000;
const MAX_AGE_MS = 3_600_000;

/** `relp_version` 0 is what librelp speaks; the specification calls the same protocol 1. */
const OFFERS = Buffer.from('relp_version=0\nrelp_software=guardrelay\ncommands=syslog');
const VERSIONS = new Set(['0', '1']);
const NOTHING = Buffer.alloc(0);

export type Verdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly words: string }
  | Loss;
type Loss = Exclude<RelpAnswer, { kind: 'rsp' }>;

/** A connection on which the server has agreed to take messages. */
export interface RelpSession {
  readonly ending: Ending | undefined;
  /** When the last message was taken, by the monotonic clock. */
  readonly takenAt: number;
  /** It has carried its share; what follows belongs on a new one. */
  readonly worn: boolean;
  /** `alone`: nothing else may be unanswered meanwhile, so that a loss can be pinned on this message. */
  send(message: Buffer, alone: boolean): Promise<Verdict>;
  /** Says goodbye after the last answer. */
  close(signal: AbortSignal): Promise<void>;
  end(fault: Error): void;
}

export interface SessionOptions extends DialogOptions {
  readonly maxMessages?: number;
}

/** Rejects with an error that `outcomeOf` understands when the server does not agree; the socket is gone then. */
export async function openRelpSession(
  socket: Socket,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<RelpSession> {
  const { name, clock, maxMessages = MAX_MESSAGES } = options;
  const dialog = createRelpDialog(socket, options);
  const openedAt = clock.monotonic();
  let takenAt = -Infinity;
  let messages = 0;
  const stop = (): void => dialog.end(new WireError(STOPPED));
  using _opening = onAbort(signal, stop);
  const refusal = refusalOf(await ask(dialog, { command: 'open', data: OFFERS, alone: true }), name);
  if (refusal) {
    dialog.end(refusal);
    throw refusal;
  }

  return {
    get ending() {
      return dialog.ending;
    },
    get takenAt() {
      return takenAt;
    },
    get worn() {
      return messages >= maxMessages || clock.monotonic() - openedAt >= MAX_AGE_MS;
    },
    async send(data, alone) {
      messages += 1;
      const verdict = verdictOf(await ask(dialog, { command: 'syslog', data, alone }));
      if (verdict.kind === 'taken') takenAt = clock.monotonic();
      return verdict;
    },
    async close(limit) {
      using _ending = onAbort(limit, stop);
      await ask(dialog, { command: 'close', data: NOTHING, alone: true });
      stop();
    },
    end: dialog.end,
  };
}

function ask(dialog: RelpDialog, request: Omit<RelpRequest, 'done'>): Promise<RelpAnswer> {
  return new Promise((done) => dialog.ask({ ...request, done }));
}

function verdictOf(answer: RelpAnswer): Verdict {
  if (answer.kind !== 'rsp') return answer;
  const { status, words } = parseAnswer(answer.data);
  return status === '200' ? { kind: 'taken' } : { kind: 'refused', words };
}

/** Why the session is not open, if it is not. */
function refusalOf(answer: RelpAnswer, name: string): Error | undefined {
  if (answer.kind !== 'rsp') return isCut(answer.fault) ? turnedAway(name) : answer.fault;
  const { status, words, offers } = parseAnswer(answer.data);
  if (status !== '200') return unfit(`${name} refuses the RELP session: ${words}`);
  const [version] = offers.get('relp_version') ?? [];
  if (version === undefined) return unfit(`${name} offers no relp_version`);
  if (!VERSIONS.has(version)) return unfit(`${name} offers relp_version ${oneLine(version, 40)}, not 0 or 1`);
  if (offers.get('commands')?.includes('syslog')) return undefined;
  return unfit(`${name} speaks RELP, but does not offer to take syslog messages`);
}

function unfit(sentence: string): WireError {
  return new WireError(blocked('config', 'DST-007', sentence));
}

/** This is all that a server says to whom it does not permit, and to clear text where it wants TLS. */
function turnedAway(name: string): WireError {
  const question = 'does it permit our address and our certificate, and want TLS as we do?';
  return new WireError(retry('DST-005', `${name} hung up instead of opening a RELP session; ${question}`));
}

/** `STATUS SP HUMAN-TEXT [LF DATA]`; what the server offers follows as lines of `NAME[=VALUE[,VALUE ...]]`. */
function parseAnswer(data: Buffer) {
  const [first = '', ...lines] = data.toString('latin1').split('\n');
  const offers = new Map<string, readonly string[]>();
  for (const line of lines) {
    const [name = '', values = ''] = line.split('=', 2);
    offers.set(name, values.split(','));
  }
  const [status] = /^\d{3}(?= |$)/.exec(first) ?? [];
  return { status, words: `"${oneLine(first, 100)}"`, offers };
}
