import { RETENTION_DAYS } from '../model/retention-days.ts';
import type { SourceFacts } from '../model/source-facts.ts';

/** A destination comes close to losing events of a source, because the log group keeps them no longer. */
export interface RetentionRisk {
  readonly destination: string;
  /** `warning`: more than half of the retention is used up; `error`: more than four fifths. */
  readonly level: 'warning' | 'error';
  /** Event time of the oldest event that it may not have, epoch ms. */
  readonly oldestAt: number;
  /** When that one expires, epoch ms: by then the destination must have been repaired. */
  readonly expiresAt: number;
  readonly retentionDays: number;
  /** It is not the destination that takes nothing: the log group is not read. */
  readonly isUnread: boolean;
  /** The spool holds what has expired so far. */
  readonly isSpooled?: true;
}

const DAY_MS = 24 * 3_600_000;
const WARNING_SHARE = 0.5;
/** Of the retention: from here on it is an error, and the spool takes over where there is one. */
export const ERROR_SHARE = 0.8;

/** Event time of the oldest event that a destination may not have. Undefined: nothing was ever read. */
export function oldestUnfinishedAt({ lastReadAt, destinations }: SourceFacts): number | undefined {
  if (lastReadAt === undefined) return undefined;
  return Math.min(
    lastReadAt,
    ...Object.values(destinations).map((each) => each.oldestWaitingAt ?? lastReadAt),
  );
}

/** The destinations that are at risk, the closest to its end first. */
export function retentionRisks(facts: SourceFacts, now: number): readonly RetentionRisk[] {
  const { retentionDays, lastReadAt, spool } = facts;
  if (retentionDays === undefined || lastReadAt === undefined) return [];
  const risks = Object.entries(facts.destinations).flatMap(([destination, { oldestWaitingAt }]) => {
    const oldestAt = Math.min(lastReadAt, oldestWaitingAt ?? lastReadAt);
    const level = levelOf((now - oldestAt) / (retentionDays * DAY_MS));
    if (!level) return [];
    const expiresAt = oldestAt + retentionDays * DAY_MS;
    const isUnread = oldestAt === lastReadAt;
    const isSpooled = spool !== undefined && spool.until >= now - retentionDays * DAY_MS;
    const risk = { destination, level, oldestAt, expiresAt, retentionDays, isUnread };
    return [isSpooled ? { ...risk, isSpooled } : risk];
  });
  return risks.toSorted((one, other) => one.expiresAt - other.expiresAt);
}

function levelOf(share: number): RetentionRisk['level'] | undefined {
  if (share > ERROR_SHARE) return 'error';
  return share > WARNING_SHARE ? 'warning' : undefined;
}

/** By when what must be done, or else. */
export function riskText(risk: RetentionRisk, now: number): string {
  const { destination, expiresAt, oldestAt, retentionDays, isUnread, isSpooled } = risk;
  const percent = Math.floor((100 * (now - oldestAt)) / (retentionDays * DAY_MS));
  const what = isUnread ? 'the log group must be read' : `what waits must reach ${destination}`;
  const by = `${new Date(expiresAt).toISOString().slice(0, 16)}Z`;
  if (now >= expiresAt && isSpooled)
    return `the log group drops events since ${by}, and the spool holds them: ${what}`;
  if (now >= expiresAt) return `events expire since ${by}: ${what} at once`;
  return `${what} by ${by}, from then on events expire (${percent} % of ${retentionDays} days used up)`;
}

/** Gives the destination about as long again. */
export function keepLonger(logGroup: string, region: string, retentionDays: number): string {
  const days = RETENTION_DAYS.find((each) => each >= 2 * retentionDays) ?? RETENTION_DAYS.at(-1);
  return `aws logs put-retention-policy --log-group-name ${logGroup} --retention-in-days ${days} --region ${region}`;
}
