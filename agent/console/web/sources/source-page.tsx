import type { SourceDetailAnswer } from '../../api/source.ts';
import type { PageProps } from '../pages.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Instant } from '../parts/time.tsx';
import { usePolled } from '../polled.ts';
import { RecordTable } from '../records/record-table.tsx';
import { Actions } from './actions.tsx';
import { Chain } from './chain.tsx';
import { Commands } from './commands.tsx';
import { StateStrip } from './state-strip.tsx';
import { Times } from './times.tsx';

const REFRESH_SECONDS = 10;

interface SourceProps extends Pick<PageProps, 'role'> {
  readonly id: string;
}

/** One source: where on its way something is wrong, since when, and what came through. */
export function SourcePage({ id, role }: SourceProps) {
  const detail = usePolled<SourceDetailAnswer>(`/sources/${id}`, { everySeconds: REFRESH_SECONDS });
  return <Loaded of={detail}>{(answer) => <Detail answer={answer} role={role} />}</Loaded>;
}

interface DetailProps extends Pick<PageProps, 'role'> {
  readonly answer: SourceDetailAnswer;
}

function Detail({ answer, role }: DetailProps) {
  const { data, generatedAt } = answer;
  const now = Date.parse(generatedAt);
  return (
    <>
      <Head answer={answer} />
      <section class="panel" aria-labelledby="chain">
        <h2 id="chain">From GuardDuty to the SIEM</h2>
        <Chain links={data.chain} now={now} />
      </section>
      <StateStrip history={data.history} />
      <div class="columns">
        <Times detail={data} now={now} />
        <div class="stack">
          {role !== undefined && role !== 'viewer' && <Actions source={data.source} />}
          <Commands source={data.source} />
        </div>
      </div>
      <section aria-labelledby="checkpoints">
        <h2 id="checkpoints">Checkpoints</h2>
        <Checkpoints answer={answer} />
      </section>
      <section aria-labelledby="records">
        <h2 id="records">Last records</h2>
        <RecordTable
          records={data.records}
          empty="The search index has no record of this account and region."
        />
      </section>
    </>
  );
}

function Head({ answer: { data, summary, generatedAt } }: { readonly answer: SourceDetailAnswer }) {
  const { source } = data;
  const { customer, account, region, state, code, reason, since, logGroup, next } = source;
  return (
    <>
      <p>
        <a href="/sources">Sources</a> <span class="muted">/ {summary.customerName ?? customer}</span>
      </p>
      <div class="head">
        <h1>
          {customer} / {account} / {region}
        </h1>
        <StateBadge state={state} />
        <span class="muted end">{logGroup}</span>
      </div>
      <div class="panel">
        <p>
          {code !== undefined && <code>{code}</code>} {reason}
          {since !== undefined && (
            <>
              , since <Instant at={since} now={Date.parse(generatedAt)} />
            </>
          )}
        </p>
        {next !== undefined && (
          <p class="next">
            Next: <code>{next}</code> <CopyButton text={next} name={`Copy ${next}`} />
          </p>
        )}
      </div>
    </>
  );
}

function Checkpoints({ answer: { data, generatedAt } }: { readonly answer: SourceDetailAnswer }) {
  const now = Date.parse(generatedAt);
  return (
    <DataTable
      name="Checkpoints"
      rows={data.checkpoints}
      keyOf={({ destination }) => destination}
      empty="Nothing was delivered yet, so there is no checkpoint."
      columns={[
        { title: 'Destination', cell: ({ destination }) => destination },
        {
          title: 'Everything is final before',
          kind: 'line',
          cell: ({ floor }) => <Instant at={floor} now={now} />,
        },
        { title: 'Mode', cell: ({ mode }) => mode },
        { title: 'Grade', cell: ({ grade }) => grade },
        { title: 'Written', kind: 'line', cell: ({ updatedAt }) => <Instant at={updatedAt} now={now} /> },
      ]}
    />
  );
}
