import type { Blueprint } from './blueprint.ts';
import type { StackSetSettings } from './stack-set-calls.ts';
import type { StackSetPermissions } from './stack-set-permissions.ts';
import { autoDeploymentOf, callAsOf } from './stack-set-permissions.ts';

/** What the AWS CLI needs to know for a StackSet beside its blueprint. */
export interface StackSetOrder {
  readonly templateUrl: string;
  readonly settings: StackSetSettings;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

const CONTINUED = ' \\\n    ';

/** The commands that make the StackSet and its stacks, for a POSIX shell. */
export function stackSetCommands({ name, parameters, tags }: Blueprint, order: StackSetOrder): string {
  const { templateUrl, settings, accounts, regions } = order;
  const { CallAs } = callAsOf(settings.permissions);
  const common = [
    `--region ${settings.homeRegion}`,
    `--stack-set-name ${name}`,
    ...(CallAs === undefined ? [] : [`--call-as ${CallAs}`]),
  ];
  const create = [
    'aws cloudformation create-stack-set',
    ...common,
    `--template-url ${quoted(templateUrl)}`,
    `--parameters${pairs('Parameter', parameters)}`,
    `--tags${pairs('', tags)}`,
    ...permissionWords(settings.permissions),
    '--managed-execution Active=true',
  ];
  const fill = [
    'aws cloudformation create-stack-instances',
    ...common,
    ...targetWords(settings.permissions, accounts),
    `--regions${listed(regions)}`,
    `--operation-preferences ${preferences(settings)}`,
  ];
  return `${[create, fill].map((words) => words.join(CONTINUED)).join('\n')}\n`;
}

function permissionWords(permissions: StackSetPermissions): readonly string[] {
  if (permissions.model === 'SERVICE_MANAGED') {
    const { Enabled, RetainStacksOnAccountRemoval: retains } = autoDeploymentOf(permissions);
    const retention = retains === undefined ? '' : `,RetainStacksOnAccountRemoval=${retains}`;
    return ['--permission-model SERVICE_MANAGED', `--auto-deployment Enabled=${Enabled}${retention}`];
  }
  const { administrationRoleArn, executionRoleName } = permissions;
  return [
    ...(administrationRoleArn === undefined
      ? []
      : [`--administration-role-arn ${quoted(administrationRoleArn)}`]),
    ...(executionRoleName === undefined ? [] : [`--execution-role-name ${quoted(executionRoleName)}`]),
  ];
}

function targetWords(permissions: StackSetPermissions, accounts: readonly string[]): readonly string[] {
  if (permissions.model === 'SELF_MANAGED') return [`--accounts${listed(accounts)}`];
  const units = permissions.organizationalUnits.join(',');
  const narrowed = `Accounts=${accounts.join(',')},AccountFilterType=INTERSECTION`;
  return [`--deployment-targets OrganizationalUnitIds=${units},${narrowed}`];
}

function preferences(settings: StackSetSettings): string {
  return [
    `RegionConcurrencyType=${settings.parallelRegions ? 'PARALLEL' : 'SEQUENTIAL'}`,
    `FailureTolerancePercentage=${settings.failureTolerancePercent}`,
    `MaxConcurrentPercentage=${settings.maxConcurrentPercent}`,
    'ConcurrencyMode=SOFT_FAILURE_TOLERANCE',
  ].join(',');
}

/** In the shorthand of the AWS CLI a value in double quotes may hold anything. */
function pairs(kind: 'Parameter' | '', values: Readonly<Record<string, string>>): string {
  const words = Object.entries(values).map(([key, value]) => {
    const safe = /^[\w./:@-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
    return quoted(`${kind}Key=${key},${kind}Value=${safe}`);
  });
  return words.map((word) => `${CONTINUED}  ${word}`).join('');
}

/** A few to a line, so that none is too long for a terminal. */
function listed(words: readonly string[]): string {
  const rows = Array.from({ length: Math.ceil(words.length / 5) }, (_, at) =>
    words.slice(at * 5, at * 5 + 5),
  );
  return rows.map((row) => `${CONTINUED}  ${row.join(' ')}`).join('');
}

/** For a POSIX shell. */
export function quoted(word: string): string {
  return /^[\w./:@=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
