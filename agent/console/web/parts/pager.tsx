import { grouped } from '../../view/count-text.ts';

interface PagerProps {
  readonly total: number;
  readonly offset: number;
  readonly limit: number;
  onWish(offset: number): void;
}

/** Which part of a list is shown, of how many, and the way to the others. */
export function Pager({ total, offset, limit, onWish }: PagerProps) {
  const last = Math.min(offset + limit, total);
  if (total <= limit) return null;
  return (
    <nav class="bar" aria-label="Parts of the list">
      <button type="button" disabled={offset === 0} onClick={() => onWish(Math.max(0, offset - limit))}>
        ← Before
      </button>
      <span class="muted">
        {grouped(offset + 1)} to {grouped(last)} of {grouped(total)}
      </span>
      <button type="button" disabled={last >= total} onClick={() => onWish(offset + limit)}>
        Next →
      </button>
    </nav>
  );
}
