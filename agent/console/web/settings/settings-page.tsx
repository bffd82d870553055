import type { AuditAnswer } from '../../api/audit.ts';
import type { ConfigAnswer } from '../../api/config.ts';
import { utcText } from '../../view/instant-text.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Badge } from '../parts/state-badge.tsx';
import { usePolled } from '../polled.ts';

type Entry = AuditAnswer['data'][number];

/** What is configured, without secrets, and who did what here. */
export function SettingsPage() {
  const config = usePolled<ConfigAnswer>('/config');
  const audit = usePolled<AuditAnswer>('/audit');
  return (
    <>
      <h1>Settings</h1>
      <section aria-labelledby="audit">
        <h2 id="audit">Audit log</h2>
        <Loaded of={audit}>
          {({ data }) => (
            <DataTable
              name="Audit log"
              rows={data}
              columns={COLUMNS}
              keyOf={(entry) => JSON.stringify(entry)}
              empty="Nobody has done anything yet."
            />
          )}
        </Loaded>
      </section>
      <section aria-labelledby="config">
        <Loaded of={config}>
          {({ data, summary }) => (
            <Configuration version={summary.version} text={JSON.stringify(data, null, 2)} />
          )}
        </Loaded>
      </section>
    </>
  );
}

function Configuration({ version, text }: { readonly version: string; readonly text: string }) {
  return (
    <>
      <div class="head">
        <h2 id="config">Configuration in force</h2>
        <span class="muted">guardrelay {version}; secrets are hidden; changes are made in the file</span>
        <CopyButton text={text} name="Copy the configuration" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </>
  );
}

const KINDS: Readonly<Record<Entry['outcome'], string>> = {
  done: 'ok',
  refused: 'lagging',
  failed: 'failing',
};

const COLUMNS: readonly Column<Entry>[] = [
  { title: 'Time (UTC)', kind: 'line', cell: ({ at }) => <time dateTime={at}>{utcText(at)}</time> },
  { title: 'Who', kind: 'text', cell: ({ user, role }) => (role === undefined ? user : `${user} (${role})`) },
  { title: 'From', kind: 'line', cell: ({ from }) => from },
  {
    title: 'Did',
    kind: 'line',
    cell: ({ action, customer }) => [action, customer].filter(Boolean).join(' '),
  },
  { title: 'Outcome', cell: ({ outcome }) => <Badge kind={KINDS[outcome]}>{outcome}</Badge> },
  {
    title: 'Detail',
    kind: 'text',
    cell: ({ subject, detail }) => [subject, detail].filter(Boolean).join(' '),
  },
];
