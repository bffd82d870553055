import type { Move } from '../../checkpoint/move.ts';
import type { SourceSpec } from '../../checkpoint/store.ts';
import { spanText } from '../../console/terminal/age.ts';
import { renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import type { Screen } from '../../console/terminal/screen.ts';

/** Says on stderr what is about to be done, for a person to decide. */
export function tellMoves({ source }: SourceSpec, moves: readonly Move[]): void {
  const lines = [`${source}:`, ...moves.map((move) => `  ${moveText(move)}`)];
  process.stderr.write(lines.map((line) => `${printable(line)}\n`).join(''));
}

function moveText({ destination, direction, from, to }: Move): string {
  const span = spanText(Math.abs(to - from));
  if (direction === 'back') {
    return `${destination} goes back ${span}, from ${iso(from)} to ${iso(to)}: events from there on are sent to it again.`;
  }
  return `${destination} skips ${span}, from ${iso(from)} to ${iso(to)}: what the log group took before that, and it does not have, is never sent to it, late events included.`;
}

interface MoveReport {
  readonly spec: SourceSpec;
  readonly moves: readonly Move[];
  readonly now: number;
}

/** A row per destination on stdout, once it is done. */
export function printMoves({ spec, moves, now }: MoveReport, screen: Screen): void {
  const listing = {
    name: 'checkpoint-set',
    generatedAt: now,
    summary: { ...spec },
    rows: moves,
    columns: [
      { title: 'DESTINATION', text: ({ destination }: Move) => destination },
      { title: 'MOVED', text: ({ direction }: Move) => direction },
      { title: 'FROM (UTC)', text: ({ from }: Move) => iso(from) },
      { title: 'TO (UTC)', text: ({ to }: Move) => iso(to) },
    ],
    json: ({ destination, direction, from, to }: Move) => ({
      ...{ destination, direction, from: iso(from), to: iso(to) },
    }),
  };
  process.stdout.write(renderListing(listing, screen));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
