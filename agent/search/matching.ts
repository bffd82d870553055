import { matchesGlob } from '../model/glob.ts';
import type { RecordQuery } from '../model/record-query.ts';
import type { Severity } from '../model/relay-event.ts';
import { containsPieces, parsePattern } from './pattern.ts';
import type { StoredRecord } from './record.ts';

export type RecordFields = Omit<StoredRecord, 'raw'>;

/** A record that may have been asked for. */
export interface Searchable {
  readonly fields: RecordFields;
  /** Everything that is searched, in lower case; asked for only where the fields fit. */
  searchable(): string;
}

type Test = (record: Searchable) => boolean;

/** What stands before the raw text when a record is searched: what the agent, not the event, says of it. */
export function headOf(fields: RecordFields): string {
  const { customer, account, adminAccount = '', region, kind, what, title = '', key } = fields;
  return `${[customer, account, adminAccount, region, kind, what, title, key].join(' ')}\n`;
}

/** The same record, wherever it was found. */
export function searchableOf({ raw, ...fields }: StoredRecord): Searchable {
  return { fields, searchable: () => (headOf(fields) + raw).toLowerCase() };
}

/** Tells what was asked for from the rest. The index and the log groups answer alike because both ask here. */
export function createMatcher(query: Omit<RecordQuery, 'limit'>): Test {
  const tests = [...fieldTests(query), patternTest(query.pattern)];
  return (record) => tests.every((test) => test(record));
}

function fieldTests(query: Omit<RecordQuery, 'limit'>): readonly Test[] {
  const { sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER, kinds, customers, account, region } = query;
  const { minSeverity, type } = query;
  const tests: Test[] = [({ fields: { time } }) => time >= sinceMs && time <= untilMs];
  if (kinds) tests.push(({ fields }) => kinds.includes(fields.kind));
  if (customers) tests.push(({ fields }) => customers.includes(fields.customer));
  if (account !== undefined) tests.push((record) => isAbout(record, account));
  if (region !== undefined) tests.push(({ fields }) => matchesGlob(fields.region, region));
  if (minSeverity !== undefined) tests.push(({ fields }) => severityOf(fields) >= minSeverity);
  if (type !== undefined) tests.push(typeTest(type.toLowerCase()));
  return tests;
}

function patternTest(text: string): Test {
  const pattern = parsePattern(text);
  if (pattern.kind === 'account') return (record) => isAbout(record, pattern.account);
  return (record) => containsPieces(record.searchable(), pattern.pieces);
}

function isAbout({ fields }: Searchable, account: string): boolean {
  return fields.account === account || fields.adminAccount === account;
}

/** Where GuardDuty's own levels begin, so that calls and findings are measured alike. */
const LEVEL_FROM: Readonly<Record<Severity, number>> = { info: 0, low: 1, medium: 4, high: 7, critical: 9 };

/** What has no severity is never severe enough. */
function severityOf({ severity, level }: RecordFields): number {
  // An event may say 1e999.
  if (severity !== undefined && Number.isFinite(severity)) return severity;
  return level === undefined ? Number.NEGATIVE_INFINITY : LEVEL_FROM[level];
}

function typeTest(glob: string): Test {
  return ({ fields: { kind, what } }) => {
    // A call stands there with who made it.
    const [call = what] = kind === 'config-change' ? what.split(' by ', 1) : [];
    return matchesGlob(call.toLowerCase(), glob);
  };
}
