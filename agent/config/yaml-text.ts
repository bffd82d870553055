import { type Document, LineCounter, parseDocument } from 'yaml';

import { locate } from './locate.ts';
import type { Mistake, Place, Spot } from './mistake.ts';

/** A text that is proper YAML: what it says, and where. */
export interface YamlText {
  readonly values: unknown;
  /** Of what begins in this text. */
  place(spot: Spot): Place;
}

/** Aliases that are resolved; more is an attempt to fill the memory. */
const MAX_ALIASES = 1000;

/** Or every mistake that a parser finds in it. */
export function readYaml(text: string): YamlText | readonly Mistake[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = syntaxMistakes(document, lines);
  if (broken.length > 0) return broken;
  try {
    const values: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { values, place: (spot) => locate(spot, document, lines) };
  } catch (error) {
    // An alias without its anchor, or too many aliases.
    const why = error instanceof Error ? error.message : String(error);
    return [{ code: 'CFG-001', path: '', text: `is not proper YAML: ${why}` }];
  }
}

function syntaxMistakes(document: Document, lines: LineCounter): readonly Mistake[] {
  return [...document.errors, ...document.warnings].map(({ pos, message }) => {
    const { line, col } = lines.linePos(pos[0]);
    return { code: 'CFG-001', line, column: col, path: '', text: `is not proper YAML: ${message}` };
  });
}
