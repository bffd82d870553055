import { GLYPHS } from '../../terminal/glyphs.ts';
import type { SourceAnswer } from '../../view/answers.ts';

/** A state in words, with its sign. */
export function StateBadge({ state }: { readonly state: SourceAnswer['state'] }) {
  return <Badge kind={state} sign={GLYPHS[state]} />;
}

/** Words on the colour of that name. */
export function Badge({ kind, sign }: { readonly kind: string; readonly sign?: string }) {
  return (
    <span class={`state ${kind}`}>
      {sign !== undefined && <span aria-hidden="true">{sign}</span>}
      {kind}
    </span>
  );
}
