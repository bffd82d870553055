import { useEffect, useState } from 'preact/hooks';

import type { SearchAnswer } from '../../api/search.ts';
import { ask, queryOf } from '../api.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import type { RecordAnswer } from './record-table.tsx';

/** What a record was made of; the original text is asked for when somebody opens it. */
export function RecordDetail({ record }: { readonly record: RecordAnswer }) {
  const [isOpen, setOpen] = useState(false);
  const toggle = ({ currentTarget }: Event) =>
    setOpen(currentTarget instanceof HTMLDetailsElement && currentTarget.open);
  return (
    <details onToggle={toggle}>
      <summary>
        {record.title ?? 'Envelope and original'} <span class="hidden">of {record.key}</span>
      </summary>
      {isOpen && <RecordTexts record={record} />}
    </details>
  );
}

function RecordTexts({ record }: { readonly record: RecordAnswer }) {
  const [raw, setRaw] = useState('Loading…');
  useEffect(() => {
    rawOf(record).then(setRaw, (error: unknown) =>
      setRaw(error instanceof Error ? error.message : String(error)),
    );
  }, [record]);
  return (
    <div class="record">
      <Text name="Envelope" text={JSON.stringify(record, null, 2)} />
      <Text name="Original" text={readable(raw)} />
      <div>
        <CopyButton text={record.key} name="Copy the key">
          Copy the key
        </CopyButton>
      </div>
    </div>
  );
}

function Text({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <div>
      <div class="head">
        <h3>{name}</h3>
        <CopyButton text={text} name={`Copy ${name.toLowerCase()}`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}

async function rawOf({ account, region, time, key }: RecordAnswer): Promise<string> {
  const at = Date.parse(time);
  const [since, until] = [at - 1, at + 1].map((each) => new Date(each).toISOString());
  const path = `/search${queryOf({ account, region, since, until, raw: true, limit: 100 })}`;
  const { data } = await ask<SearchAnswer>(path);
  return data.find((each) => each.key === key)?.raw ?? 'The search index has it no longer.';
}

/** JSON in lines; anything else as it is. */
function readable(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}
