import type { RenderableRec } from './record.ts';

export const FORMAT_NAMES = ['raw', 'detail', 'json', 'ocsf', 'ecs', 'cef', 'leef', 'wazuh'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** A record as text for a destination. */
export interface Rendered {
  /** Each one line: no CR, LF or NUL, well-formed UTF-16. Usually one. */
  readonly texts: readonly string[];
  /** Something had to go to keep within the limit. */
  readonly truncated: boolean;
  /** What went, by path. */
  readonly dropped: readonly string[];
  /** The mapping failed for this record, so its original text goes out instead. */
  readonly fellBackToRaw: boolean;
}

/** What a destination may choose of its format. */
interface FormatOptions {
  /** Whether a format with attributes of its own carries the original text too. */
  readonly rawData: boolean;
}

/** Pure and deterministic: no clock, no randomness, no I/O; never throws. */
export interface Format {
  readonly name: FormatName;
  /** `maxBytes`: UTF-8 bytes left for the body after the sink's own header. */
  render(rec: RenderableRec, maxBytes: number, options?: FormatOptions): Rendered;
}
