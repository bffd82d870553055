import type { SearchAnswer } from '../../api/search.ts';
import { counted } from '../../view/count-text.ts';
import { queryOf } from '../api.ts';
import type { PageProps } from '../pages.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Choice } from '../parts/filter.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { usePolled } from '../polled.ts';
import type { Place } from '../router.ts';
import { wish } from '../wishes.ts';
import { RecordTable } from './record-table.tsx';

const DAYS = { '': 'Last 7 days', '1': 'Last 24 hours', '30': 'Last 30 days' };
const KINDS = {
  '': 'Every kind',
  finding: 'Findings',
  'config-change': 'Configuration changes',
  notice: 'Notices',
  'guardduty-event': 'Other GuardDuty events',
  'unknown,unparsed': 'Not understood',
};
const SEVERITIES = { '': 'Any severity', '4': 'Medium and above', '7': 'High and above' };

/** Records that some destination has: the same syntax and the same engine as `guardrelay search`. */
export function SearchPage({ place }: PageProps) {
  const { days, ...wishes } = Object.fromEntries(place.query);
  const found = usePolled<SearchAnswer>(`/search${queryOf({ ...wishes, since: sinceOf(days), limit: 100 })}`);
  return (
    <>
      <h1>Search</h1>
      <SearchForm place={place} />
      <Loaded of={found}>{(answer) => <Found answer={answer} />}</Loaded>
    </>
  );
}

function SearchForm({ place }: { readonly place: Place }) {
  const wishes = Object.fromEntries(place.query);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const q = new FormData(event.currentTarget).get('q');
    wish(place, { q: typeof q === 'string' ? q.trim() : '' });
  };
  return (
    <search>
      <form class="bar" onSubmit={submit}>
        <label class="wide">
          Account, part of a record, or *pattern*
          <input name="q" type="search" value={wishes.q ?? ''} placeholder="*123456789012*" />
        </label>
        <Choice place={place} name="days" label="Time" choices={DAYS} />
        <Choice place={place} name="kind" label="Kind" choices={KINDS} />
        <Choice place={place} name="minSeverity" label="Severity" choices={SEVERITIES} />
        <button type="submit" class="primary">
          Search
        </button>
      </form>
    </search>
  );
}

function Found({ answer: { summary, data } }: { readonly answer: SearchAnswer }) {
  return (
    <>
      <p class="muted" role="status">
        {counted(summary.records, 'record')} of the search index
        {!summary.complete && '; the time for one search was over, older ones may match too'}.{' '}
        {summary.pattern !== '' && <OlderRecords pattern={summary.pattern} />}
      </p>
      <RecordTable records={data} empty="No record matches." />
    </>
  );
}

/** The index keeps days; CloudWatch Logs is asked by the command alone, because that takes its time and costs. */
function OlderRecords({ pattern }: { readonly pattern: string }) {
  const command = `guardrelay search '${pattern.replaceAll("'", `'\\''`)}' --from cloudwatch`;
  return (
    <>
      Older ones: <code>{command}</code> <CopyButton text={command} name="Copy the command" />
    </>
  );
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** To the minute, so that the same question is the same address. */
function sinceOf(days: string | undefined): string | undefined {
  if (days === undefined) return undefined;
  const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  return new Date(now - Number(days) * DAY_MS).toISOString();
}
