import type { Place } from '../service.ts';
import { AwsError } from '../service.ts';
import type { Principals } from '../world.ts';
import type { EventMatcher } from './pattern.ts';
import { compilePattern } from './pattern.ts';
import type { Scheduler } from './schedule.ts';
import { parseSchedule } from './schedule.ts';
import type { Target } from './targets.ts';
import { checkTarget } from './targets.ts';

export const RULE_STATES = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'] as const;
type RuleState = (typeof RULE_STATES)[number];

interface RuleSpec {
  readonly name: string;
  readonly description?: string | undefined;
  readonly eventPattern?: string | undefined;
  readonly scheduleExpression?: string | undefined;
  readonly state?: RuleState | undefined;
}

export interface Rule extends RuleSpec {
  readonly arn: string;
  readonly state: RuleState;
  /** A rule with a schedule only matches no event. */
  readonly matches: EventMatcher;
  readonly intervalMs: number | undefined;
  readonly targets: Map<string, Target>;
  readonly tags: Map<string, string>;
}

/** What a rule keeps when it is put again. */
type Kept = Pick<Rule, 'targets' | 'tags'>;

/** The rules on the default bus of one account and region. */
export interface Rules {
  /** Creates or replaces; targets and tags stay. */
  put(spec: RuleSpec): Rule;
  find(name: string): Rule | undefined;
  /** Throws ResourceNotFoundException. */
  get(name: string): Rule;
  list(): readonly Rule[];
  delete(name: string): void;
  addTargets(name: string, targets: readonly Target[]): void;
  removeTargets(name: string, ids: readonly string[]): void;
}

const MAX_RULES = 300;
const MAX_TARGETS = 5;

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

function checkSpec({ name, eventPattern, scheduleExpression }: RuleSpec): void {
  if (!/^[._A-Za-z0-9-]{1,64}$/.test(name)) {
    throw invalid(`Value '${name}' at 'name' must match [\\.\\-_A-Za-z0-9]+ and have at most 64 characters`);
  }
  if (eventPattern === undefined && scheduleExpression === undefined) {
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
}

function limitExceeded(): AwsError {
  return new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
}

function ruleOf({ partition, region, account }: Place, spec: RuleSpec, { targets, tags }: Kept): Rule {
  const { name, eventPattern, scheduleExpression, state = 'ENABLED' } = spec;
  return {
    ...spec,
    state,
    arn: `arn:${partition}:events:${region}:${account}:rule/${name}`,
    matches: eventPattern === undefined ? () => false : compilePattern(eventPattern),
    intervalMs: scheduleExpression === undefined ? undefined : parseSchedule(scheduleExpression),
    targets,
    tags,
  };
}

/** Runs the schedules of rules that are on, each from the time when it was put. */
function createSchedules(scheduler: Scheduler, fire: (name: string) => void) {
  const stops = new Map<string, () => void>();

  function stop(name: string): void {
    stops.get(name)?.();
    stops.delete(name);
  }

  return {
    stop,
    start({ name, state, intervalMs }: Rule): void {
      stop(name);
      if (state === 'DISABLED' || intervalMs === undefined) return;
      const stopSchedule = scheduler.every(intervalMs, () => fire(name));
      stops.set(name, stopSchedule);
    },
  };
}

interface RulesOptions {
  readonly scheduler: Scheduler;
  readonly principals: Principals;
  /** Called when a rule's schedule is due. */
  fire(rule: Rule): void;
}

/** No rules to begin with. */
export function createRules(place: Place, { scheduler, principals, fire }: RulesOptions): Rules {
  const rules = new Map<string, Rule>();
  const schedules = createSchedules(scheduler, (name) => fire(get(name)));

  function get(name: string): Rule {
    const rule = rules.get(name);
    if (rule) return rule;
    throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  }

  return {
    put(spec) {
      checkSpec(spec);
      const known = rules.get(spec.name);
      if (!known && rules.size >= MAX_RULES) throw limitExceeded();
      const rule = ruleOf(place, spec, known ?? { targets: new Map(), tags: new Map() });
      rules.set(spec.name, rule);
      schedules.start(rule);
      return rule;
    },
    find: (name) => rules.get(name),
    get,
    list: () => [...rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    delete(name) {
      const rule = rules.get(name);
      if (rule && rule.targets.size > 0) throw invalid("Rule can't be deleted since it has targets.");
      schedules.stop(name);
      rules.delete(name);
    },
    addTargets(name, targets) {
      const rule = get(name);
      for (const target of targets) checkTarget(target, { place, ruleArn: rule.arn, principals });
      const ids = new Set([...rule.targets.keys(), ...targets.map(({ Id }) => Id)]);
      if (ids.size > MAX_TARGETS) throw limitExceeded();
      for (const target of targets) rule.targets.set(target.Id, target);
    },
    removeTargets(name, ids) {
      const rule = get(name);
      for (const id of ids) rule.targets.delete(id);
    },
  };
}
