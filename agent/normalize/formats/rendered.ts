import type { Format, FormatName, Rendered } from '../../model/format.ts';
import type { RenderableRec } from '../../model/record.ts';
import { cutText } from './cut.ts';
import { oneLine } from './one-line.ts';

/** One text with nothing missing. */
export function complete(text: string): Rendered {
  return { texts: [text], truncated: false, dropped: [], fellBackToRaw: false };
}

/** One text that lost something. */
export function truncated(text: string, dropped: readonly string[]): Rendered {
  return { texts: [text], truncated: true, dropped, fellBackToRaw: false };
}

export function fits(text: string, maxBytes: number): boolean {
  return Buffer.byteLength(text) <= maxBytes;
}

/** A format whose faults cost the shape of one record, never the record: its original text goes out instead. */
export function createFormat(name: FormatName, render: Format['render']): Format {
  return {
    name,
    render(rec, maxBytes, options) {
      try {
        return render(rec, maxBytes, options);
      } catch {
        return asItIs(rec, maxBytes);
      }
    },
  };
}

function asItIs(rec: RenderableRec, maxBytes: number): Rendered {
  const line = oneLine(rec);
  const text = cutText(line, maxBytes);
  return { texts: [text], truncated: text !== line, dropped: [], fellBackToRaw: true };
}
