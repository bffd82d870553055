import { TAG } from '../blueprint.ts';
import { isSettled } from '../stack-status.ts';
import { type Check, type CheckResult, PASSED, type SkippedCheck, unanswered } from './check.ts';
import type { DeployedPlace } from './checked-place.ts';
import type { LiveStack } from './stack-calls.ts';

/** The stack that made the rules: that CloudFormation can change it, that it is of this release, that nothing was changed by hand. */
export const STACK_CHECKS: readonly Check<DeployedPlace>[] = [
  { code: 'CFN-002', applies: isOurs, run: checkState },
  { code: 'CFN-003', applies: isOurs, run: checkLastChange },
  { code: 'CFN-004', applies: isOurs, run: checkRelease },
  { code: 'CFN-005', applies: isOurs, run: checkDrift },
];

function isOurs({ expected }: DeployedPlace): boolean {
  return expected.rules.length > 0;
}

/** Each of these was undone, so that the stack is as it was before. */
const UNDONE = /^(UPDATE|IMPORT)_ROLLBACK_COMPLETE$/;

async function checkState(place: DeployedPlace): Promise<CheckResult> {
  const stack = await stackOf(place);
  if (stack.kind === 'skipped') return stack;
  const { status } = stack;
  const name = commonName(stack);
  if (isSettled(status) || UNDONE.test(status)) return PASSED;
  if (status.endsWith('_IN_PROGRESS')) {
    return { kind: 'skipped', why: `stack ${name} is being changed (${status})`, isPending: true };
  }
  return {
    kind: 'failed',
    code: 'CFN-002',
    found: `stack ${name} is ${status}${reasonText(stack)}`,
    fix: 'Bring it into order as docs/errors/CFN-002.md says for this state.',
  };
}

async function checkLastChange(place: DeployedPlace): Promise<CheckResult> {
  const stack = await stackOf(place);
  if (stack.kind === 'skipped') return stack;
  const { status } = stack;
  const name = commonName(stack);
  if (isSettled(status)) return PASSED;
  if (!UNDONE.test(status)) return { kind: 'skipped', why: `stack ${name} is ${status} (CFN-002)` };
  return {
    kind: 'failed',
    code: 'CFN-003',
    found: `the last change of stack ${name} failed and was undone${reasonText(stack)}`,
    fix: commandOf('update', place),
  };
}

async function checkRelease(place: DeployedPlace): Promise<CheckResult> {
  const tags = await tagsOf(place);
  if (tags.kind === 'skipped') return tags;
  const { release } = place;
  const differing = [TAG.version, TAG.configHash].filter((key) => tags.tags.get(key) !== release[key]);
  if (differing.length === 0) return PASSED;
  return {
    kind: 'warned',
    code: 'CFN-004',
    found: 'the stack is of another release or configuration',
    fix: commandOf('update', place),
  };
}

async function checkDrift(place: DeployedPlace): Promise<CheckResult> {
  const stack = await stackOf(place);
  if (stack.kind === 'skipped') return stack;
  const { drift, driftCheckedAt } = stack;
  if (driftCheckedAt === undefined) {
    return {
      kind: 'passed',
      found: 'CloudFormation has never been asked to compare (guardrelay drift --detect)',
    };
  }
  const day = new Date(driftCheckedAt).toISOString().slice(0, 10);
  if (drift === 'IN_SYNC') return { kind: 'passed', found: `in sync on ${day}` };
  if (drift !== 'DRIFTED') return skipped(`CloudFormation could not compare all of the stack on ${day}`);
  return {
    kind: 'warned',
    code: 'CFN-005',
    found: `somebody has changed what stack ${commonName(stack)} made, as CloudFormation saw on ${day}`,
    fix: commandOf('drift --detect', place),
  };
}

/** Of whom the rules of this place are. */
async function stackOf(place: DeployedPlace): Promise<LiveStack | SkippedCheck> {
  const tags = await tagsOf(place);
  if (tags.kind === 'skipped') return tags;
  const stackId = tags.tags.get(STACK_ID) ?? '';
  const stack = await place.calls.stack(stackId);
  switch (stack.kind) {
    case 'failed':
      return unanswered(stack, stack.right);
    case 'missing':
      return { kind: 'skipped', why: `CloudFormation knows no stack ${stackId}` };
    case 'stack':
      return stack;
  }
}

/** Given by CloudFormation itself (User Guide, "Resource tag"). */
const STACK_ID = 'aws:cloudformation:stack-id';

async function tagsOf({ expected, calls }: DeployedPlace) {
  const [rule] = expected.rules;
  const tags = await calls.ruleTags(rule?.arn ?? '');
  switch (tags.kind) {
    case 'failed':
      return unanswered(tags, tags.right);
    case 'missing':
      return skipped(`rule ${rule?.name} does not exist (EB-001, EB-004)`);
    case 'tags':
      return tags.tags.has(STACK_ID) ? tags : skipped(`rule ${rule?.name} has no tags of a stack`);
  }
}

function skipped(why: string): SkippedCheck {
  return { kind: 'skipped', why };
}

/** Without what StackSets add for each region, so that one cause is told once. */
function commonName({ name }: LiveStack): string {
  return name.replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '');
}

function reasonText({ reason }: LiveStack): string {
  return reason === undefined ? '' : `: ${reason}`;
}

function commandOf(verb: string, { expected }: DeployedPlace): string {
  return `guardrelay ${verb} --customer ${expected.source.customer}`;
}
