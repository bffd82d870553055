import { hostname } from 'node:os';
import { type Document, LineCounter, parseDocument } from 'yaml';

import { crossFaults } from './checks.ts';
import { type Config, configuration, environment } from './config.ts';
import { faultsOf } from './faults.ts';
import { inherit } from './inherit.ts';
import { locate } from './locate.ts';
import type { Mistake } from './mistake.ts';
import { sentence } from './sentences.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

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

function environmentMistakes(
  issues: readonly { path: readonly PropertyKey[]; message: string }[],
): Mistake[] {
  return issues.map(({ path, message }) => ({
    code: 'CFG-001',
    path: path.map(String).join(),
    text: message,
  }));
}

/** Reads the text of a configuration file; `env` may override settings of the whole agent. */
export function parseConfig(text: string, env: Environment): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = syntaxMistakes(document, lines);
  if (broken.length > 0) return mistaken(broken);
  try {
    return check(document, lines, env);
  } catch (error) {
    // An alias without its anchor, or too many aliases.
    if (!(error instanceof ReferenceError)) throw error;
    return mistaken([{ code: 'CFG-001', path: '', text: `is not proper YAML: ${error.message}` }]);
  }
}

function check(document: Document, lines: LineCounter, env: Environment): Parsed {
  const written = inherit(document.toJS({ maxAliasCount: MAX_ALIASES }));
  const parsed = configuration.safeParse(written, { error: sentence });
  const overrides = environment.safeParse(withoutEmpty(env), { error: sentence });
  const faults = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => faultsOf(issue)),
    ...crossFaults(written),
  ];
  if (!parsed.success || !overrides.success || faults.length > 0) {
    const inFile = faults.map((fault) => locate(fault, document, lines));
    return mistaken([...inFile, ...environmentMistakes(overrides.error?.issues ?? [])]);
  }
  const { agent, customers, destinations, http } = parsed.data;
  const { GUARDRELAY_LOG_LEVEL, GUARDRELAY_LOG_FORMAT, GUARDRELAY_DATA_DIR, GUARDRELAY_AGENT_ID } =
    overrides.data;
  return {
    kind: 'valid',
    config: {
      agent: {
        id: GUARDRELAY_AGENT_ID ?? agent.id ?? hostname(),
        dataDir: GUARDRELAY_DATA_DIR ?? agent.dataDir,
        leaseSeconds: agent.leaseSeconds,
        logLevel: GUARDRELAY_LOG_LEVEL ?? agent.logLevel,
        logFormat: GUARDRELAY_LOG_FORMAT ?? agent.logFormat,
      },
      customers,
      destinations,
      http,
    },
  };
}

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}
