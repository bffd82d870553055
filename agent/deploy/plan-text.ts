import type { Place } from './places.ts';
import { groupPlaces } from './places.ts';
import type { DeployPlan, PlanStep, RolePlan } from './plan.ts';
import { allSteps } from './plan.ts';

const SIGN = { create: '+', update: '~', delete: '-', skip: '!', none: '=', off: '·' } as const;
const TITLE = {
  create: 'create',
  update: 'update',
  delete: 'delete',
  none: 'unchanged',
  skip: 'skip',
  off: 'off',
} as const;
/** So many regions or accounts are named, the others counted. */
const NAMED = 8;

/** The plan as a person reads it before saying yes. */
export function planText(plan: DeployPlan): string {
  const { customer, adminAccount, templateVersion, templateSha256 } = plan;
  return [
    `${customer} · ${vessel(plan)} in ${adminAccount} · template ${templateVersion} sha256 ${templateSha256.slice(0, 8)}…`,
    ...roleLines('forwarding role', plan.forwarding, plan.steps),
    ...roleLines('reader role', plan.reader, plan.steps),
    ...groups(plan.steps).map((steps) => groupLine(steps)),
    ...organizationLines(plan),
    ...contentLines(plan),
    `Plan: ${counts(plan)}.`,
    '',
  ].join('\n');
}

/** Accounts with their regions; those with the same regions together. */
export function placesText(places: readonly Place[]): string {
  return groupPlaces(places)
    .map(({ accounts, regions }) => `${some(accounts)}: ${some(regions)}`)
    .join('; ');
}

function vessel({ mode, name, homeRegion }: DeployPlan): string {
  switch (mode) {
    case 'stack':
      return `stack ${name}`;
    case 'stackset-self-managed':
      return `StackSet ${name} (self-managed, home ${homeRegion})`;
    case 'stackset-organizations':
      return `StackSet ${name} (service-managed, home ${homeRegion})`;
  }
}

/** What writes comes before what does not. */
const ORDER = Object.keys(SIGN);

/** Steps with the same action and reason. */
function groups(steps: readonly PlanStep[]): PlanStep[][] {
  const inOrder = steps.toSorted((one, other) => ORDER.indexOf(one.action) - ORDER.indexOf(other.action));
  return [...Map.groupBy(inOrder, ({ action, reason }) => JSON.stringify([action, reason])).values()];
}

function groupLine(steps: readonly PlanStep[], what = ''): string {
  const [first] = steps;
  if (!first) return '';
  const why = first.reason === undefined ? '' : `   ${first.reason}${first.code ? ` (${first.code})` : ''}`;
  const where = isAboutAccount(first) ? some(accountsOf(steps)) : placesText(steps);
  return line(first.action, steps.length, what + where + why);
}

function line(action: PlanStep['action'], count: number, text: string): string {
  return `  ${SIGN[action]} ${TITLE[action].padEnd(9)} ${String(count).padStart(4)}   ${text}`;
}

/** Something is wrong with the whole account, which its own way out tells. */
function isAboutAccount({ fix }: PlanStep): boolean {
  return fix !== undefined;
}

function accountsOf(steps: readonly PlanStep[]): readonly string[] {
  return [...new Set(steps.map(({ account }) => account))];
}

/** What is wrong with an account is said once, with its collectors. */
function roleLines(
  title: string,
  role: RolePlan | undefined,
  collectors: readonly PlanStep[],
): readonly string[] {
  if (!role) return [];
  const told = new Set(accountsOf(collectors.filter(isAboutAccount)));
  const own = role.steps.filter((step) => !isAboutAccount(step) || !told.has(step.account));
  return groups(own).map((steps) => groupLine(steps, `${title} (${role.stack}): `));
}

function organizationLines({ organization }: DeployPlan): readonly string[] {
  if (!organization) return [];
  const { units, autoDeploy, ownStacks } = organization;
  const joiners = autoDeploy
    ? 'accounts that join later get their stacks from AWS'
    : 'accounts that join later get nothing until accounts.collect names them';
  return [
    `  In ${some(units)} and below; ${joiners}.`,
    ...(ownStacks === undefined
      ? []
      : [`  ${ownStacks} is the management account, which no StackSet reaches: stacks of its own.`]),
  ];
}

function some(names: readonly string[]): string {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(' ')} … ${more} more` : names.join(' ');
}

function contentLines({ parameters }: DeployPlan): readonly string[] {
  const { HubRegion: hub, HeartbeatMinutes, Prefix, RetentionInDays } = parameters;
  const beats = HeartbeatMinutes !== '0';
  const rules = [parameters.CollectFindings === 'true', parameters.CollectConfigChanges === 'true', beats];
  const count = rules.filter(Boolean).length;
  const queue = parameters.EnableDlq === 'true' ? ', 1 dead-letter queue' : '';
  const contents = (rules: number): string =>
    `1 log group (${RetentionInDays} days, kept on delete), ${rules} rules, 1 Logs resource policy${queue}`;
  if (hub === '') return [`  Each: ${contents(count)}. No IAM, no Lambda, no detector.`];
  return [
    `  In ${hub}, the hub: ${contents(beats ? count + 1 : count)}.`,
    `  Elsewhere: ${count} rules that forward to it as role ${Prefix}-forwarding${queue}. No Lambda, no detector.`,
  ];
}

function counts(plan: DeployPlan): string {
  const all = allSteps(plan);
  const count = (action: PlanStep['action']): number => all.filter((step) => step.action === action).length;
  const skipped = count('skip') > 0 ? `, ${count('skip')} skipped` : '';
  return `${count('create')} to create, ${count('update')} to update, ${count('none')} unchanged${skipped}, ${count('off')} off`;
}
