import type { Config } from '../../config/config.ts';
import { printable } from '../../console/terminal/printable.ts';
import { readUnsettled } from '../../members/member-store.ts';
import { type MemberFacts, needsAttention, worstStatus } from '../../model/member-facts.ts';

const NAMED = 3;

/** Members of GuardDuty that somebody must look after, as the last look of the agent saw them. */
export function needyMembers({ agent, customers }: Config, now: number): readonly MemberFacts[] {
  const watched = new Set(customers.flatMap(({ id, topology }) => (topology === 'standalone' ? [] : id)));
  return readUnsettled(agent.dataDir).filter(
    (member) => watched.has(member.customer) && needsAttention(member, now),
  );
}

/** One line and the command that says more; nothing, if nobody needs attention. */
export function memberLine(members: readonly MemberFacts[]): string {
  const accounts = [...Map.groupBy(members, ({ customer, account }) => `${customer} ${account}`).values()];
  if (accounts.length === 0) return '';
  const named = accounts.slice(0, NAMED).map(accountText);
  const more = accounts.length > NAMED ? [`${accounts.length - NAMED} more`] : [];
  const need =
    accounts.length === 1 ? '1 member needs attention' : `${accounts.length} members need attention`;
  return `${printable(`${need}: ${[...named, ...more].join(', ')}. guardrelay accounts status`)}\n`;
}

function accountText(members: readonly MemberFacts[]): string {
  const status = worstStatus(members);
  const [first, ...others] = members.filter((member) => member.status === status);
  const where = others.length === 0 ? first?.region : `${others.length + 1} regions`;
  return `${first?.account} ${status === 'failed' ? 'e-mail not verified' : status} (${where})`;
}
