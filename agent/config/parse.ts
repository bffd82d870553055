import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

import { crossFaults } from './checks.ts';
import { type Config, configuration } from './config.ts';
import { type Environment, environment, resolveAgent } from './environment.ts';
import { faultsOf } from './faults.ts';
import { inherit } from './inherit.ts';
import { locate } from './locate.ts';
import type { Fault, Mistake } from './mistake.ts';
import { sentence } from './sentences.ts';

export type Parsed =
  | { readonly kind: 'valid'; readonly config: Config }
  | { readonly kind: 'mistaken'; readonly mistakes: readonly Mistake[] };

/** Aliases that are resolved; more is an attempt to fill the memory. */
const MAX_ALIASES = 1000;

function mistaken(mistakes: readonly Mistake[]): Parsed {
  const order = (one: Mistake, other: Mistake): number =>
    (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
  return { kind: 'mistaken', mistakes: mistakes.toSorted(order) };
}

function syntaxMistakes(document: Document, lines: LineCounter): readonly Mistake[] {
  return [...document.errors, ...document.warnings].map(({ pos, message }) => {
    const { line, col } = lines.linePos(pos[0]);
    return { code: 'CFG-001', line, column: col, path: '', text: `is not proper YAML: ${message}` };
  });
}

function environmentMistakes(issues: readonly z.core.$ZodIssue[]): readonly Mistake[] {
  return issues.map(({ path, message }) => ({ code: 'CFG-001', path: path.join('.'), text: message }));
}

function judge(values: unknown, env: Environment, place: (fault: Fault) => Mistake): Parsed {
  const written = inherit(values);
  const file = configuration.safeParse(written, { error: sentence });
  const overrides = environment.safeParse(env, { error: sentence });
  const faults = [...(file.error?.issues ?? []).flatMap((issue) => faultsOf(issue)), ...crossFaults(written)];
  if (!file.success || !overrides.success || faults.length > 0) {
    return mistaken([...faults.map(place), ...environmentMistakes(overrides.error?.issues ?? [])]);
  }
  const { agent, customers, destinations, http } = file.data;
  return {
    kind: 'valid',
    config: { agent: resolveAgent(agent, overrides.data), customers, destinations, http },
  };
}

/** Reads the text of a configuration file; `env` may override settings of the whole agent. */
export function parseConfig(text: string, env: Environment): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = syntaxMistakes(document, lines);
  if (broken.length > 0) return mistaken(broken);
  let values: unknown;
  try {
    values = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    // An alias without its anchor, or too many aliases.
    const why = error instanceof Error ? error.message : String(error);
    return mistaken([{ code: 'CFG-001', path: '', text: `is not proper YAML: ${why}` }]);
  }
  return judge(values, env, (fault) => locate(fault, document, lines));
}
