import { printable } from '../../console/terminal/printable.ts';
import type { Membership } from '../../members/remove.ts';
import { memberStatus } from '../../model/member-status.ts';
import { regionsText } from './results-report.ts';

export interface Loss {
  readonly account: string;
  readonly customer: string;
  readonly memberships: readonly Membership[];
  /** The list that it stands on. */
  readonly list?: string | undefined;
}

/** What is lost with an account, for the person who is about to remove it. */
export function lossText({ account, customer, memberships, list }: Loss): string {
  const lines = [
    ...membershipLines(account, customer, memberships),
    ...(list === undefined ? [] : [`- it goes from ${list}: its records carry no name any more`]),
  ];
  const nothing =
    memberships.length === 0 ? `Account ${account} is known to no administrator of ${customer}.` : '';
  const head = nothing === '' ? `If account ${account} is removed from ${customer}:` : nothing;
  return [head, ...lines].map((line) => `${printable(line)}\n`).join('');
}

function membershipLines(
  account: string,
  customer: string,
  memberships: readonly Membership[],
): readonly string[] {
  if (memberships.length === 0) return [];
  const isWatched = ({ status }: Membership): boolean => memberStatus(status) === 'enabled';
  const regionsOf = (each: readonly Membership[]): string => regionsText(each.map(({ desk }) => desk.region));
  const watched = memberships.filter(isWatched);
  const others = memberships.filter((membership) => !isWatched(membership));
  const administrators = [...new Set(memberships.map(({ desk }) => desk.scope.account))].join(' ');
  return [
    ...(watched.length === 0
      ? []
      : [
          `- its findings of ${regionsOf(watched)} no longer reach ${administrators}, nor the SIEM of ${customer}`,
        ]),
    ...(others.length === 0
      ? []
      : [`- ${regionsOf(others)}: it is no member there yet or any more, and is forgotten`]),
    `- GuardDuty stays on in ${account}, and findings from before stay where they are`,
    '- to come back it has to be invited and to accept again, in each region',
  ];
}
