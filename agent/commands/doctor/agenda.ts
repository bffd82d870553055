import type { ErrorCode } from '../../model/error.ts';
import { type CheckRow, type Examination, isOk, type Subject } from './rows.ts';

/** What a further look asks about. */
export interface Agenda {
  /** Whether to ask anything about this account, region or destination. */
  concerns(subject: Subject): boolean;
  wants(check: ErrorCode, subject: Subject): boolean;
}

/** Whoever is let in anew may find anything. */
const DOORS: readonly ErrorCode[] = ['AUTH-001', 'AUTH-002', 'AUTH-006'];
/** One call for each account, or none at all: asked every time, so that what breaks meanwhile is seen. */
const CHEAP: readonly ErrorCode[] = ['AGT-001', 'AGT-003', 'AGT-004', 'AUTH-001', 'AUTH-002'];

/** Everything, as at the first look. */
export const EVERYTHING: Agenda = { concerns: () => true, wants: () => true };

/** What was not ok, and what stands behind it; with `cheap` also the checks that cost next to nothing. */
export function agendaOf({ rows }: Examination, { cheap }: { readonly cheap: boolean }): Agenda {
  const open = Map.groupBy(
    rows.filter((row) => !isOk(row)),
    ownerKey,
  );
  const openAt = (subject: Subject): readonly CheckRow[] =>
    (open.get(ownerKey(subject)) ?? []).filter(
      ({ region }) => region === undefined || subject.region === undefined || region === subject.region,
    );
  const isCheap = (check: ErrorCode): boolean => cheap && CHEAP.includes(check);

  return {
    concerns: (subject) => openAt(subject).length > 0 || (cheap && subject.region === undefined),
    wants: (check, subject) =>
      isCheap(check) || openAt(subject).some((row) => row.check === check || opens(row, subject)),
  };
}

/** A door of the account opens all its regions, one of a region only that. Every step to a destination opens the next. */
function opens({ check, region, destination }: CheckRow, subject: Subject): boolean {
  if (destination !== undefined) return true;
  return DOORS.includes(check) && (region === undefined || subject.region !== undefined);
}

/** The new answers in place of those that were asked for anew. */
export function updated(known: Examination, fresh: Examination, agenda: Agenda): Examination {
  const kept = known.rows.filter((row) => !agenda.wants(row.check, row));
  const unasked = known.leftOut.filter((each) => !agenda.concerns(each));
  return { rows: [...kept, ...fresh.rows], leftOut: [...unasked, ...fresh.leftOut] };
}

function ownerKey({ customer, account, destination }: Subject): string {
  return JSON.stringify([customer, account, destination]);
}
