import { findRegion, guardDutyRegions } from '../../aws/regions.ts';
import type { CheckedAccount } from './auth.ts';
import { type Check, type CheckResult, PASSED, unanswered } from './check.ts';
import type { DeployedPlace } from './checked-place.ts';

/** An account, and the regions of it that the configuration names. */
export interface CheckedRegions extends CheckedAccount {
  readonly regions: 'enabled' | 'all' | readonly string[];
}

/** A region that somebody has switched on, and the configuration does not name. Regions that are always on were left out on purpose. */
export const UNNAMED_REGIONS_CHECK: Check<CheckedRegions> = {
  code: 'REG-003',
  applies: ({ regions }) => typeof regions !== 'string',
  run: checkUnnamed,
};

/** The same where the configuration takes every region: the stack there has yet to be made. */
export const NEW_REGION_CHECK: Check<DeployedPlace> = {
  code: 'REG-003',
  applies: ({ expected, takesEveryRegion }) =>
    takesEveryRegion && expected.rules.length > 0 && findRegion(expected.source.region)?.optIn === true,
  run: checkNew,
};

async function checkUnnamed({ scope, calls, regions }: CheckedRegions): Promise<CheckResult> {
  const live = await calls.regions();
  if (live.kind === 'failed') return unanswered(live, 'account:ListRegions');
  const added = guardDutyRegions(scope.partition).filter(
    ({ region, optIn }) => optIn && live.status.get(region) === 'ENABLED' && !regions.includes(region),
  );
  if (added.length === 0) return PASSED;
  const names = added.map(({ region }) => region).join(', ');
  return {
    kind: 'warned',
    code: 'REG-003',
    found: `${names}: enabled in the account, and not in the regions of the configuration`,
    fix: `Add them to the regions of ${scope.customer}, or set regions: enabled; then guardrelay deploy --customer ${scope.customer}`,
  };
}

async function checkNew({ expected, calls }: DeployedPlace): Promise<CheckResult> {
  const { customer, region } = expected.source;
  const rules = await Promise.all(expected.rules.map(({ name }) => calls.rule(name)));
  const unknown = rules.find((rule) => rule.kind === 'failed');
  if (unknown) return unanswered(unknown, 'events:DescribeRule');
  if (rules.some(({ kind }) => kind === 'rule')) return PASSED;
  return {
    kind: 'failed',
    code: 'REG-003',
    found: `${region} is enabled in the account, and no stack collects there yet`,
    fix: `guardrelay deploy --customer ${customer} --region ${region}`,
  };
}
