import type { FailedCall } from '../../aws/failure.ts';
import type { ErrorCode } from '../../model/error.ts';
import type { Remedy } from './remedy.ts';

/** What came of one check in one place. */
export type CheckResult =
  /** `found`: what is worth knowing all the same. */
  | { readonly kind: 'passed'; readonly found?: string }
  /** `code` is that of the cause, where it is known better than by the check's own code. */
  | ({ readonly kind: 'failed' } & Trouble)
  /** Events arrive, but less or later than they could. */
  | ({ readonly kind: 'warned' } & Trouble)
  /** Nothing is known. `right`: the IAM action that would tell; `resource`: on what, as AWS names it. `isPending`: time alone will tell. */
  | {
      readonly kind: 'skipped';
      readonly why: string;
      readonly right?: string;
      readonly resource?: string;
      readonly isPending?: true;
    };

interface Trouble {
  readonly code: ErrorCode;
  readonly found: string;
  /** The next step of a person. */
  readonly fix: string;
  /** What doctor --fix can do itself, in this order. */
  readonly remedies?: readonly Remedy[];
}

export type FailedCheck = Extract<CheckResult, { readonly kind: 'failed' }>;
export type SkippedCheck = Extract<CheckResult, { readonly kind: 'skipped' }>;

/** One question about a subject: an account, or one log group with the rules that write to it. */
export interface Check<Subject> {
  readonly code: ErrorCode;
  /** Whether the configuration lets the question arise. */
  applies(subject: Subject): boolean;
  run(subject: Subject): Promise<CheckResult>;
}

/** A check and what came of it. */
export interface Checked {
  readonly check: ErrorCode;
  readonly result: CheckResult;
}

export const PASSED = { kind: 'passed' } as const satisfies CheckResult;

/** All checks that apply, at once. One that throws fails alone, as a fault of our own. */
export async function runChecks<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
): Promise<readonly Checked[]> {
  const due = checks.filter((check) => check.applies(subject));
  return Promise.all(
    due.map(async (check) => ({ check: check.code, result: await guarded(check, subject) })),
  );
}

async function guarded<Subject>(check: Check<Subject>, subject: Subject): Promise<CheckResult> {
  try {
    return await check.run(subject);
  } catch (error) {
    return faultOf(error);
  }
}

/** What came of it to meet something that should never have been thrown. */
export function faultOf(error: unknown): FailedCheck {
  const what = error instanceof Error ? error.message : String(error);
  const found = `the check met a fault of guardrelay: ${what}`;
  return {
    kind: 'failed',
    code: 'INT-001',
    found,
    fix: 'Report it with what guardrelay doctor --json prints.',
  };
}

/** Several answers to one question: what is wrong weighs most, then what is not known. */
export function together(results: readonly CheckResult[]): CheckResult {
  const [first, ...others] = results.filter((result) => result.kind === 'failed');
  if (!first) return results.find(({ kind }) => kind === 'skipped') ?? results[0] ?? PASSED;
  const all = [first, ...others];
  const remedies = all.flatMap((result) => result.remedies ?? []);
  return {
    ...first,
    ...(remedies.length > 0 ? { remedies } : {}),
    found: all.map(({ found }) => found).join('; '),
    fix: [...new Set(all.map(({ fix }) => fix))].join(' && '),
  };
}

/** AWS did not say what the check needs to know. */
export function unanswered({ failure }: FailedCall, right: string): SkippedCheck {
  if (failure.cause !== 'denied') return { kind: 'skipped', why: failure.text };
  const [, resource] = /on resource: (\S+)/.exec(failure.text) ?? [];
  if (resource === undefined) return { kind: 'skipped', why: `the right ${right} is missing`, right };
  return { kind: 'skipped', why: `the right ${right} on ${resource} is missing`, right, resource };
}
