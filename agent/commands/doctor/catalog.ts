import { closest } from '../../config/closest.ts';
import { type ErrorCode, EXIT, GuardrelayError } from '../../model/error.ts';
import { AGENT_CHECKS } from './agent.ts';
import { CONFIG_CHECKS } from './config.ts';
import { DESTINATION_CODES } from './destinations.ts';
import { CHECK_CODES } from './examine.ts';

/** Every check of doctor. */
export const ALL_CHECKS: readonly ErrorCode[] = [
  ...AGENT_CHECKS.map(({ code }) => code),
  ...CONFIG_CHECKS.map(({ code }) => code),
  ...CHECK_CODES,
  ...DESTINATION_CODES,
];

const GROUP_NAMES: ReadonlyMap<string, string> = new Map([
  ['AGT', 'Agent'],
  ['CFG', 'Configuration'],
  ['AUTH', 'Credentials'],
  ['REG', 'Regions'],
  ['GD', 'GuardDuty'],
  ['MEM', 'Members'],
  ['CT', 'CloudTrail'],
  ['EB', 'Rules'],
  ['LOG', 'Log groups'],
  ['CFN', 'Stack'],
  ['DST', 'Destination'],
]);

/** `GD-001` belongs to `GD`. */
export function groupOf(check: ErrorCode): string {
  return check.replace(/-\d+$/, '');
}

export function groupName(group: string): string {
  return GROUP_NAMES.get(group) ?? group;
}

/** In the order of the report: from the agent by way of AWS to the SIEM. */
export function groupRank(group: string): number {
  return [...GROUP_NAMES.keys()].indexOf(group);
}

/** What `--only` means: checks and whole groups. Absent: all. */
export function selectChecks(names: readonly string[] | undefined): readonly ErrorCode[] {
  if (names === undefined) return ALL_CHECKS;
  const chosen = names.flatMap((name) => {
    const codes = ALL_CHECKS.filter((code) => code === name || groupOf(code) === name);
    if (codes.length === 0) throw unknownCheck(name);
    return codes;
  });
  return [...new Set(chosen)];
}

function unknownCheck(name: string): GuardrelayError {
  const groups = [...new Set(ALL_CHECKS.map(groupOf))];
  const meant = closest(name, [...ALL_CHECKS, ...groups]);
  const guess = meant === undefined ? '.' : `; did you mean ${meant}?`;
  return new GuardrelayError('CLI-001', `There is no check "${name}"${guess}`, {
    exitCode: EXIT.usage,
    fix: `Name groups (${groups.join(', ')}) or checks: ${ALL_CHECKS.join(', ')}`,
  });
}
