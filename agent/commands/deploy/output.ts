import { hang } from '../../console/terminal/hang.ts';
import { renderListing } from '../../console/terminal/listing.ts';
import { printable, printableJson } from '../../console/terminal/printable.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import type { Column } from '../../console/terminal/table.ts';
import { type DeployRow, isProblem } from '../../deploy/rows.ts';
import { systemClock } from '../../model/clock.ts';

/** What deploy and destroy print: sentences for people as they come, and the rows of all customers at the end. */
export interface DeployOutput {
  /** For people, before they decide. */
  tell(text: string): void;
  /** How it ended, as far as it is known; the rows come later. */
  say(text: string): void;
  /** How it ended for one customer, and in words if that was not said before. */
  add(rows: readonly DeployRow[], text?: string): void;
  end(): void;
}

const COLUMNS: readonly Column<DeployRow>[] = [
  { title: 'CUSTOMER', text: ({ customer }) => customer },
  { title: 'ACCOUNT', text: ({ account }) => account },
  { title: 'REGION', text: ({ region }) => region },
  { title: 'STACK', text: ({ stack }) => stack },
  { title: 'ACTION', text: ({ action }) => action },
  { title: 'STATUS', text: ({ status }) => status },
  { title: 'CODE', text: ({ code }) => code ?? '-' },
  { title: 'REASON', text: ({ reason }) => reason ?? '' },
];

/** On a terminal the sentences are the result; elsewhere the rows are, and the sentences go to stderr. */
export function createDeployOutput(name: string, wishes: ScreenWishes): DeployOutput {
  const screen = screenFor(wishes, process.env, process.stdout);
  const sentences = screen.output === 'table' ? process.stdout : process.stderr;
  const rows: DeployRow[] = [];
  let ended = 0;
  const stream = screen.output === 'ndjson' ? writeLine : undefined;
  stream?.({ type: 'version', ui: '1.0' });
  return {
    tell: (text) => process.stderr.write(lines(text, process.stderr)),
    say: (text) => sentences.write(lines(text, sentences)),
    add(more, text = '') {
      ended += 1;
      rows.push(...more);
      sentences.write(lines(text, sentences));
      for (const row of more) stream?.({ type: 'stack', ...row });
    },
    end() {
      stream?.({ type: 'summary', ...summaryOf(rows) });
      if (stream || screen.output === 'table' || ended === 0) return;
      const listing = { name, generatedAt: systemClock.now(), summary: summaryOf(rows), rows };
      process.stdout.write(renderListing({ ...listing, columns: COLUMNS, json: (row) => row }, screen));
    },
  };
}

/** Of NDJSON: told as it happens, for a command may take long. */
function writeLine(line: object): void {
  process.stdout.write(`${printableJson(line)}\n`);
}

/** Texts hold AWS's words: harmless for the terminal, line by line, and no longer than it is wide. */
function lines(text: string, { isTTY, columns }: NodeJS.WriteStream): string {
  const fit = (line: string): readonly string[] => (isTTY && columns ? hang(line, columns) : [line]);
  return text.split('\n').map(printable).flatMap(fit).join('\n');
}

function summaryOf(rows: readonly DeployRow[]) {
  const states = Object.groupBy(rows, ({ status }) => status);
  const counts = Object.entries(states).map(([status, some]) => [status, some.length]);
  return { stacks: rows.length, problems: rows.filter(isProblem).length, states: Object.fromEntries(counts) };
}
