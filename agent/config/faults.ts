import type { z } from 'zod';

import type { ConfigCode, ConfigPath, Fault } from './mistake.ts';
import { REGION_PATTERN } from './names.ts';

type Issue = z.core.$ZodIssue;

function stepsOf(path: readonly PropertyKey[]): ConfigPath {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

function codeOf(issue: Issue): ConfigCode {
  const region = issue.code === 'invalid_format' && issue.pattern === REGION_PATTERN.toString();
  return region ? 'CFG-004' : 'CFG-001';
}

/** The branch that the value was meant for: one that did not refuse it as a whole. */
function meantBranch(issue: Issue): readonly Issue[] | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  return issue.errors.find((branch) => branch.every(({ path }) => path.length > 0));
}

/** A key of a map that is not allowed: why stands one level deeper. */
function textOf(issue: Issue): string {
  const inner = issue.code === 'invalid_key' ? issue.issues[0] : undefined;
  return inner?.message ?? issue.message;
}

/** The faults behind an issue of the schema: one per unknown key, those of the branch that a union was meant as. */
export function faultsOf(issue: Issue, above: readonly PropertyKey[] = []): readonly Fault[] {
  const path = [...above, ...issue.path];
  const branch = meantBranch(issue);
  if (branch) return branch.flatMap((inner) => faultsOf(inner, path));
  if (issue.code !== 'unrecognized_keys') {
    return [{ code: codeOf(issue), path: stepsOf(path), text: textOf(issue) }];
  }
  const texts = issue.message.split('\n');
  return issue.keys.map((key, at) => ({
    code: 'CFG-001',
    path: stepsOf([...path, key]),
    text: texts[at] ?? issue.message,
    atKey: true,
  }));
}
