import type { DestroyReport } from './destroy.ts';
import type { Place } from './places.ts';
import { placesText } from './plan-text.ts';
import type { Removal } from './removal.ts';
import { problemText } from './report-text.ts';
import type { DeployRow } from './rows.ts';
import { isProblem } from './rows.ts';

/** Everything that will go, and what stays, for people to agree to. */
export function removalText(customer: string, removals: readonly Removal[], logGroup: string): string {
  const { deleted, kept } = logGroupsOf(removals);
  const stuck = removals.flatMap((removal) => removal.stuck);
  return [
    `${customer} · to be removed:`,
    ...removals.map(removalLine),
    ...(deleted.length > 0
      ? [
          `  - log groups ${logGroup}, with all that is in them   ${placesText(deleted)}`,
          '    What no destination has yet is lost: "guardrelay status" shows what is waiting.',
        ]
      : []),
    ...(kept.length > 0 ? [`  = log groups ${logGroup} stay   ${placesText(kept)}`] : []),
    ...stuck.map(({ reason = 'stuck', ...place }) => `  ! ${placesText([place])}   ${reason}`),
    ...(stuck.length > 0
      ? ['    A StackSet lets go of these if they still cannot be removed; their stacks are then named.']
      : []),
    '',
  ].join('\n');
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
      const end = rows.some(isProblem) ? problemText(customer, rows, 'removed') : `✔ ${customer}: removed.\n`;
      return end + keptText(logGroupsOf(report.removals).kept, logGroup);
    }
  }
}

function removalLine({ kind, name, places, role }: Removal): string {
  const what = role === undefined ? `${kind} ${name}` : `${kind} ${name} with the ${role}`;
  return `  - ${what}   ${places.length === 0 ? 'empty' : placesText(places)}`;
}

function keptText(kept: readonly Place[], logGroup: string): string {
  if (kept.length === 0) return '';
  return [
    `The log groups ${logGroup} were kept, and the next deploy adopts them: ${placesText(kept)}`,
    `  to delete one   aws logs delete-log-group --log-group-name ${logGroup} --region REGION`,
    '',
  ].join('\n');
}

function logGroupsOf(removals: readonly Removal[]) {
  return {
    deleted: removals.flatMap(({ logGroups }) => logGroups?.deleted ?? []),
    kept: removals.flatMap(({ logGroups }) => logGroups?.kept ?? []),
  };
}
