import { isDeepStrictEqual } from 'node:util';

import type { Target } from '@aws-sdk/client-eventbridge';

import { type Check, type CheckResult, PASSED, together, unanswered } from './check.ts';
import type { CheckedPlace } from './checked-place.ts';
import type { Expected, ExpectedRule } from './expected.ts';
import { deploying } from './fixes.ts';
import { parsedJson } from './json-text.ts';
import { curedBy } from './remedy.ts';
import type { LiveRule } from './rule-calls.ts';
import { enableRule, mendTargets, putRule } from './rule-fixes.ts';

/** The rules of EventBridge and where they send their events. */
export const RULE_CHECKS: readonly Check<CheckedPlace>[] = [
  rulesCheck('EB-001', ({ kind }) => kind === 'pattern', checkRule),
  rulesCheck('EB-002', () => true, checkTarget),
  rulesCheck('EB-004', ({ kind }) => kind === 'schedule', checkRule),
];

type CheckOne = (rule: ExpectedRule, code: RuleCode, place: CheckedPlace) => Promise<CheckResult>;
type RuleCode = 'EB-001' | 'EB-002' | 'EB-004';

function rulesCheck(
  code: RuleCode,
  concerns: (rule: ExpectedRule) => boolean,
  checkOne: CheckOne,
): Check<CheckedPlace> {
  return {
    code,
    applies: ({ expected }) => expected.rules.some(concerns),
    async run(place) {
      const rules = place.expected.rules.filter(concerns);
      return together(await Promise.all(rules.map((rule) => checkOne(rule, code, place))));
    },
  };
}

async function checkRule(
  rule: ExpectedRule,
  code: RuleCode,
  { expected, calls }: CheckedPlace,
): Promise<CheckResult> {
  const live = await calls.rule(rule.name);
  switch (live.kind) {
    case 'failed':
      return unanswered(live, 'events:DescribeRule');
    case 'missing':
      return {
        kind: 'failed',
        code,
        found: `rule ${rule.name} does not exist`,
        fix: deploying(expected, code),
      };
    case 'rule': {
      const trigger = triggerFaults(rule, live);
      const faults = [...stateFaults(live), ...trigger];
      if (faults.length === 0) return PASSED;
      const found = `rule ${rule.name} ${faults.join(' and ')}`;
      const remedy = trigger.length === 0 ? enableRule(rule, expected) : putRule(rule, live, expected);
      return { kind: 'failed', code, found, ...curedBy([remedy]) };
    }
  }
}

/** The other enabled state adds events that read: the pattern leaves them out. */
function stateFaults({ state = 'of no state' }: LiveRule): readonly string[] {
  return state.startsWith('ENABLED') ? [] : [`is ${state}`];
}

function triggerFaults(rule: ExpectedRule, live: LiveRule): readonly string[] {
  switch (rule.kind) {
    case 'pattern':
      return isDeepStrictEqual(parsedJson(live.pattern), rule.pattern)
        ? []
        : ['has another event pattern than the template'];
    case 'schedule':
      if (live.schedule === rule.schedule) return [];
      return [live.schedule ? `runs at ${live.schedule} instead of ${rule.schedule}` : 'has no schedule'];
  }
}

async function checkTarget(
  rule: ExpectedRule,
  code: RuleCode,
  { expected, calls }: CheckedPlace,
): Promise<CheckResult> {
  const live = await calls.targets(rule.name);
  switch (live.kind) {
    case 'failed':
      return unanswered(live, 'events:ListTargetsByRule');
    case 'missing':
      return { kind: 'skipped', why: `rule ${rule.name} does not exist` };
    case 'targets': {
      const fault = targetFault(live.targets, expected);
      if (fault === undefined) return PASSED;
      const found = `rule ${rule.name} ${fault}`;
      return { kind: 'failed', code, found, ...curedBy(mendTargets(rule, live.targets, expected)) };
    }
  }
}

function targetFault(targets: readonly Target[], { target }: Expected): string | undefined {
  const [only, ...others] = targets;
  if (!only) return 'has no target';
  if (others.length > 0) return `has ${targets.length} targets instead of ${target.name} alone`;
  if (only.Arn === `${target.arn}:*`) {
    return 'has a target that ends in :*, so that nothing is delivered and nothing fails';
  }
  if (only.Arn !== target.arn) return `has the target ${only.Arn} instead of ${target.name}`;
  if (only.RoleArn === target.roleArn) return undefined;
  return `forwards with ${only.RoleArn ?? 'no role'} instead of ${target.roleArn}`;
}
