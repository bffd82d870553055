import { hang } from '../../console/terminal/hang.ts';
import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable, printableJson } from '../../console/terminal/printable.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import type { ExitCode } from '../../model/error.ts';
import { secondsText, stepLines, stepText, subjectOf } from './lines.ts';
import { testSentence } from './sentence.ts';
import type { Passage, TimedStep } from './steps.ts';

/** Where a test tells what it sees. */
export interface TestBoard {
  begin(passages: readonly Passage[]): void;
  tell(step: TimedStep): void;
  note(text: string): void;
  end(steps: readonly TimedStep[], end: TestEnd): void;
}

interface TestEnd {
  readonly code: ExitCode;
  /** Epoch ms. */
  readonly now: number;
}

interface BoardOptions {
  readonly via: string;
  readonly screen: Screen;
  readonly stdout: Pick<NodeJS.WriteStream, 'write'>;
  readonly stderr: Pick<NodeJS.WriteStream, 'write'>;
}

/** On a terminal a line for each step as it is seen, as NDJSON an object; otherwise all of them at the end. */
export function createTestBoard({ via, screen, stdout, stderr }: BoardOptions): TestBoard {
  const isTable = screen.output === 'table';
  const isStream = screen.output === 'ndjson';
  let passages: readonly Passage[] = [];

  function say(line: string): void {
    const lines = hang(printable(line), screen.width);
    (isTable ? stdout : stderr).write(lines.map((each) => `${each}\n`).join(''));
  }

  return {
    begin(begun) {
      passages = begun;
      if (isStream) stdout.write(`${printableJson({ type: 'version', ui: '1.0' })}\n`);
      if (isTable) for (const passage of passages) say(`${subjectOf(passage)} · ${passage.what}`);
    },
    tell(timed) {
      if (isStream) stdout.write(`${printableJson(json(timed))}\n`);
      if (!isTable) return;
      const subject = passages.length > 1 ? subjectOf(timed.passage) : undefined;
      for (const line of stepLines(timed, subject)) say(line);
    },
    note: say,
    end(steps, end) {
      if (!isTable && !isStream) stdout.write(renderListing(listing(via, steps, end), screen));
      say(testSentence(via, passages, { steps, ...end }));
    },
  };
}

function listing(via: string, rows: readonly TimedStep[], { code, now }: TestEnd): Listing<TimedStep> {
  return {
    name: 'test',
    generatedAt: now,
    summary: { via, exitCode: code },
    rows,
    columns: [
      { title: 'SUBJECT', text: ({ passage }) => subjectOf(passage) },
      { title: 'ID', text: ({ passage: { id = '-' } }) => id },
      { title: 'STEP', text: ({ step }) => step.kind },
      { title: 'SECONDS', text: ({ afterMs }) => String(Math.round(afterMs / 1_000)) },
      { title: 'WHAT', text: ({ step, afterMs }) => stepText(step, secondsText(afterMs)) },
    ],
    json,
  };
}

function json({ passage: { place, id }, step: { kind, ...said }, afterMs }: TimedStep): unknown {
  return { ...place, ...(id !== undefined && { id }), step: kind, afterMs: Math.round(afterMs), ...said };
}
