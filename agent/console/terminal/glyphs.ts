import type { SourceState } from '../../health/states.ts';

/** State is never told by colour alone. */
export const GLYPHS: Readonly<Record<SourceState, string>> = {
  failing: '✖',
  blocked: '■',
  silent: '✖',
  lagging: '◐',
  unproven: '?',
  pending: '◌',
  quiet: '○',
  ok: '●',
  off: '·',
};
