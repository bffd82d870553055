import { useMemo, useState } from 'preact/hooks';

import type { StatusAnswer } from '../../view/answers.ts';
import { counted } from '../../view/count-text.ts';
import { isQuietRow, MATRIX_MODES, type MatrixMode, matrixOf } from '../../view/matrix.ts';
import { useFindings } from './findings.ts';
import { MatrixTable } from './matrix-table.tsx';

const MODES: Readonly<Record<MatrixMode, { readonly name: string; readonly title: string }>> = {
  age: { name: 'Age', title: 'Heartbeat age' },
  lag: { name: 'Lag', title: 'Lag from AWS to the SIEM' },
  findings: { name: 'Findings', title: 'Findings of the last 24 hours' },
  errors: { name: 'Errors', title: 'Errors' },
};
/** With so few customers nothing is folded. */
const FOLD_FROM = 12;

/** Customers by regions, with what stands in the cells, and for whom. */
export function MatrixSection({ status, now }: { readonly status: StatusAnswer; readonly now: number }) {
  const [mode, setMode] = useState<MatrixMode>('age');
  const findings = useFindings(mode === 'findings');
  const [filter, setFilter] = useState('');
  const [unfolded, setUnfolded] = useState(false);
  const matrix = useMemo(() => matrixOf(status.data), [status]);
  const wanted = matrix.rows.filter(({ customer }) => customer.includes(filter.trim().toLowerCase()));
  const all = unfolded || filter !== '' || matrix.rows.length <= FOLD_FROM;
  const rows = all ? wanted : wanted.filter((row) => !isQuietRow(row));
  const folded = wanted.length - rows.length;
  return (
    <section aria-labelledby="matrix">
      <div class="head">
        <h2 id="matrix">{MODES[mode].title} by customer and region</h2>
        <ModeSwitch mode={mode} onChange={setMode} />
        <label class="end">
          <span class="hidden">Filter customers</span>
          <input
            type="search"
            placeholder="Filter customers"
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
        </label>
      </div>
      {rows.length > 0 && (
        <MatrixTable matrix={{ regions: matrix.regions, rows }} look={{ mode, now, findings }} />
      )}
      {rows.length === 0 && folded === 0 && (
        <p class="empty">{filter === '' ? 'No source is known yet.' : 'No customer has that in its id.'}</p>
      )}
      {(folded > 0 || (unfolded && matrix.rows.length > FOLD_FROM)) && (
        <p>
          <button type="button" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
            {unfolded
              ? 'Fold customers with nothing to report'
              : `+ ${counted(folded, 'customer')}, nothing to report`}
          </button>
        </p>
      )}
    </section>
  );
}

function ModeSwitch({ mode, onChange }: { readonly mode: MatrixMode; onChange(mode: MatrixMode): void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend and cannot stand in a line
    <div class="switch" role="group" aria-label="What the cells show">
      {MATRIX_MODES.map((each) => (
        <button key={each} type="button" aria-pressed={mode === each} onClick={() => onChange(each)}>
          {MODES[each].name}
        </button>
      ))}
    </div>
  );
}
