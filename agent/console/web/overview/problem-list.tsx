import { useState } from 'preact/hooks';

import type { Problem as Found } from '../../../health/problems.ts';
import type { SourceAnswer } from '../../view/answers.ts';
import { counted } from '../../view/count-text.ts';
import { sinceText, utcText } from '../../view/instant-text.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { StateBadge } from '../parts/state-badge.tsx';

/** So many stand above the fold. */
const SHOWN = 5;

type Problem = Found<SourceAnswer>;

interface ProblemsProps {
  readonly problems: readonly Problem[];
  readonly now: number;
}

/** What is broken, for whom, since when, and what to run. */
export function ProblemList({ problems, now }: ProblemsProps) {
  const [all, setAll] = useState(false);
  if (problems.length === 0) return null;
  const shown = all ? problems : problems.slice(0, SHOWN);
  return (
    <section class="problems" aria-label="Problems">
      <ol>
        {shown.map((problem) => (
          <ProblemLine key={problem.key} problem={problem} now={now} />
        ))}
      </ol>
      {problems.length > SHOWN && (
        <div class="more">
          <button type="button" class="plain" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${problems.length} problems`}
          </button>
        </div>
      )}
    </section>
  );
}

function ProblemLine({
  problem: { source, others, since, next },
  now,
}: {
  readonly problem: Problem;
  readonly now: number;
}) {
  const { code, reason, state } = source;
  return (
    <li class="problem">
      <StateBadge state={state} />
      <Where source={source} others={others} />
      <div class="what">
        {code !== undefined && <code>{code}</code>} {reason}
        <div class="next">
          Next: <code>{next}</code>
          <CopyButton text={next} name={`Copy ${next}`} />
        </div>
      </div>
      <div class="since">
        {since !== undefined && (
          <time dateTime={since} title={`${utcText(since)} UTC`}>
            for {sinceText(since, now)}
          </time>
        )}
      </div>
    </li>
  );
}

function Where({ source, others }: { readonly source: SourceAnswer; readonly others: number }) {
  const { customer, account, region, state, code } = source;
  const several = new URLSearchParams({ customer, state, ...(code === undefined ? {} : { q: code }) });
  return (
    <div class="where">
      <a href={others === 0 ? `/sources/${source.id}` : `/sources?${several}`}>{customer}</a>
      <small>
        {region}
        {others > 0 && <span title={counted(others, 'more source')}> +{others}</span>} · {account}
      </small>
    </div>
  );
}
