import type { DestroyReport } from './destroy.ts';
import type { Place } from './places.ts';
import { placesText } from './plan-text.ts';
import type { Removal } from './removal.ts';
import { problemText } from './report-text.ts';
import type { DeployRow } from './rows.ts';
import { isProblem } from './rows.ts';

/** Everything that will go, and what stays, for people to agree to. */
export function removalText(customer: string, removals: readonly Removal[], logGroup: string): string {
  const stuck = removals.flatMap((removal) => removal.stuck);
  return [
    `${customer} · to be removed:`,
    ...removals.map(removalLine),
    ...logGroupLines(removals, logGroup),
    ...[...Map.groupBy(stuck, ({ reason }) => reason)].map(
      ([reason = 'stuck', some]) => `  ! ${placesText(some)}   ${reason}`,
    ),
    ...(stuck.length > 0
      ? ['    A StackSet lets go of these if they still cannot be removed; their stacks are then named.']
      : []),
    '',
  ].join('\n');
}

function removalLine({ kind, name, places, role, isPart = false }: Removal): string {
  const what = role === undefined ? `${kind} ${name}` : `${kind} ${name} with the ${role}`;
  const rest = isPart ? '   (the others stay)' : '';
  return `  - ${what}   ${places.length === 0 ? 'empty' : placesText(places)}${rest}`;
}

function logGroupLines(removals: readonly Removal[], logGroup: string): readonly string[] {
  const { deleted, kept, spared } = logGroupsOf(removals);
  return [
    ...(deleted.length > 0
      ? [
          `  - ${groups(deleted, logGroup)} with their events`,
          '    What no destination has yet is lost: "guardrelay status" shows what is waiting.',
        ]
      : []),
    ...(kept.length > 0 ? [`  = ${groups(kept, logGroup)} kept with their events`] : []),
    ...(spared.length > 0
      ? [`  = ${groups(spared, logGroup)} kept, which the stacks cannot delete   ${placesText(spared)}`]
      : []),
  ];
}

export function destroyText(
  customer: string,
  report: DestroyReport,
  { rows, logGroup }: { readonly rows: readonly DeployRow[]; readonly logGroup: string },
): string {
  switch (report.kind) {
    case 'nothing':
      return `${customer}: nothing is deployed.\n`;
    case 'declined':
      return `${customer}: nothing was removed.\n`;
    case 'interrupted':
      return `${customer}: stopped. What had begun in AWS goes on; to do the rest, run the same command again.\n`;
    case 'done': {
      const removed = `✔ ${customer}: ${rows.length === 1 ? '1 stack' : `${rows.length} stacks`} removed.\n`;
      const end = rows.some(isProblem) ? problemText(customer, rows, 'removed') : removed;
      return end + keptText(report.removals, logGroup);
    }
  }
}

/** Those that were to go are named one by one. */
function keptText(removals: readonly Removal[], logGroup: string): string {
  const { kept, spared } = logGroupsOf(removals);
  const lines = [
    ...(kept.length > 0 ? [`${groups(kept, logGroup)} kept, for the next deploy to adopt.`] : []),
    ...(spared.length > 0
      ? [`${groups(spared, logGroup)} kept, which the stacks could not delete: ${placesText(spared)}`]
      : []),
  ];
  if (lines.length === 0) return '';
  const command = `aws logs delete-log-group --log-group-name ${logGroup} --region REGION`;
  return `${lines.join('\n')}\nTo delete one: ${command}\n`;
}

function groups({ length }: readonly Place[], logGroup: string): string {
  return `${length} log ${length === 1 ? 'group' : 'groups'} ${logGroup}`;
}

function logGroupsOf(removals: readonly Removal[]) {
  const all = removals.flatMap(({ logGroups }) => logGroups ?? []);
  return {
    deleted: all.flatMap(({ deleted }) => deleted),
    kept: all.flatMap(({ kept }) => kept),
    spared: all.flatMap(({ spared }) => spared),
  };
}
