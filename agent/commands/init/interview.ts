import { createInterface } from 'node:readline/promises';

import { EXIT, GuardrelayError } from '../../model/error.ts';

/** One question: what was given beforehand, else what the person says, is read by `read`. */
export interface Question<Answer> {
  readonly text: string;
  /** The option that answers it. */
  readonly option: string;
  readonly given: string | undefined;
  /** What an empty answer means; absent: it must be answered. */
  readonly usual?: string;
  read(written: string): Read<Answer>;
}

export type Read<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly echo?: string }
  | { readonly kind: 'wrong'; readonly why: string };

/** A person at a terminal who is asked one thing after the other. */
export interface Interview {
  /** Rejects with `stopped` when the person ends it. */
  ask<Answer>(question: Question<Answer>): Promise<Answer>;
  close(): void;
}

const QUESTION_WIDTH = 56;

interface Seat {
  /** Ask nobody, terminal or not. */
  readonly silent: boolean;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
  /** What `ask` rejects with when the person ends it. */
  readonly stopped: Error;
}

/** Without a terminal, or where nobody is to be asked, only what was given and what is usual answers. */
export function openInterview(seat: Seat): Interview {
  const terminal = seat.silent || !seat.input.isTTY ? undefined : openTerminal(seat);
  return {
    async ask(question) {
      const { given, usual } = question;
      const known = given ?? (terminal ? undefined : usual);
      if (known !== undefined) return answerOf(question, known);
      if (!terminal) throw missing(question);
      return terminal.ask(question);
    },
    close: () => terminal?.close(),
  };
}

function openTerminal({ input, output, stopped }: Seat): Interview {
  const terminal = createInterface({ input, output });
  // Read as a stream of lines: what is typed or pasted ahead answers the next question.
  const lines = terminal[Symbol.asyncIterator]();
  terminal.once('SIGINT', () => terminal.close());
  async function hear(question: Question<unknown>): Promise<string> {
    terminal.setPrompt(promptOf(question));
    terminal.prompt();
    const { value, done } = await lines.next();
    if (done) throw stopped;
    return value.trim() || (question.usual ?? '');
  }

  return {
    async ask(question) {
      for (;;) {
        const read = question.read(await hear(question));
        output.write(remark(read));
        if (read.kind === 'answer') return read.answer;
      }
    },
    close: () => terminal.close(),
  };
}

function promptOf({ text, usual }: Question<unknown>): string {
  const whole = usual === undefined ? `? ${text}` : `? ${text} [${usual}]`;
  return `${whole.padEnd(QUESTION_WIDTH)}  `;
}

function remark(read: Read<unknown>): string {
  if (read.kind === 'wrong') return `  ✖ ${read.why}\n`;
  return read.echo === undefined ? '' : `  → ${read.echo}\n`;
}

function answerOf<Answer>({ option, read }: Question<Answer>, written: string): Answer {
  const result = read(written);
  if (result.kind === 'answer') return result.answer;
  throw new GuardrelayError('CLI-001', `${option} ${written}: it ${result.why}`, {
    exitCode: EXIT.usage,
    fix: `Give ${option} another value, or leave it out and answer at a terminal.`,
  });
}

function missing({ text, option }: Question<unknown>): GuardrelayError {
  return new GuardrelayError('CLI-001', `There is no terminal to ask: ${text}?`, {
    exitCode: EXIT.usage,
    fix: `Add ${option}.`,
  });
}
