import type { AdvancedFieldSelector, EventSelector } from '@aws-sdk/client-cloudtrail';

import type { TrailSelectors } from './trail-calls.ts';

/** What CloudTrail says of every call that changes GuardDuty. */
const CHANGE: ReadonlyMap<string, string> = new Map([
  ['eventCategory', 'Management'],
  ['readOnly', 'false'],
  ['eventSource', 'guardduty.amazonaws.com'],
]);

/** Whether a trail with these selectors records the calls that change GuardDuty. */
export function recordsChanges({ basic, advanced }: Omit<TrailSelectors, 'kind'>): boolean {
  return (
    basic.some(takesWrites) ||
    advanced.some(({ FieldSelectors: fields = [] }) => fields.length > 0 && fields.every(takesChange))
  );
}

function takesWrites({ IncludeManagementEvents = true, ReadWriteType = 'All' }: EventSelector): boolean {
  return IncludeManagementEvents && ReadWriteType !== 'ReadOnly';
}

/** A field that differs between changes: whoever picks some of them leaves others out. */
function takesChange(selector: AdvancedFieldSelector): boolean {
  const { Field = '', Equals, StartsWith, EndsWith, NotEquals, NotStartsWith, NotEndsWith } = selector;
  const value = CHANGE.get(Field);
  if (value === undefined) return !(Equals || StartsWith || EndsWith);
  const isPicked = [
    Equals?.includes(value),
    StartsWith?.some((text) => value.startsWith(text)),
    EndsWith?.some((text) => value.endsWith(text)),
  ];
  const isLeftOut =
    NotEquals?.includes(value) ||
    NotStartsWith?.some((text) => value.startsWith(text)) ||
    NotEndsWith?.some((text) => value.endsWith(text));
  const picks = isPicked.filter((picked) => picked !== undefined);
  return !isLeftOut && (picks.length === 0 || picks.includes(true));
}
