import { GLYPHS } from '../../terminal/glyphs.ts';
import type { SourceAnswer } from '../../view/answers.ts';

/** A state in words, with its sign. */
export function StateBadge({ state }: { readonly state: SourceAnswer['state'] }) {
  return <Badge kind={state} sign={GLYPHS[state]} />;
}

interface BadgeProps {
  /** Names the colour. */
  readonly kind: string;
  readonly sign?: string;
  /** Absent: the name itself. */
  readonly children?: string;
}

export function Badge({ kind, sign, children = kind }: BadgeProps) {
  return (
    <span class={`state ${kind}`}>
      {sign !== undefined && <span aria-hidden="true">{sign}</span>}
      {children}
    </span>
  );
}
