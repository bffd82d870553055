import type { z } from 'zod';
import type { sourceJson } from '../api/source-json.ts';
import type { statusSummary } from '../api/status.ts';

/** A source as the API answers. */
export type SourceAnswer = z.output<typeof sourceJson>;

/** What the overview is made of: the answer of `/api/v1/status`. */
export interface StatusAnswer {
  readonly generatedAt: string;
  readonly summary: ReturnType<typeof statusSummary>;
  readonly data: readonly SourceAnswer[];
}
