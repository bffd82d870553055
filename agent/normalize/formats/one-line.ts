import type { RenderableRec } from '../../model/record.ts';

const ESCAPES: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\0': '\\0' };

function isJson({ kind, raw }: RenderableRec): boolean {
  if (kind !== 'unparsed') return true;
  try {
    JSON.parse(raw);
    return true;
  } catch {
    return false;
  }
}

/**
 * The original text in one line, so that it cannot begin a second message at a receiver. Line breaks in JSON
 * stand between its tokens only and become blanks; in other text they become two visible characters.
 */
export function oneLine(rec: RenderableRec): string {
  const text = rec.raw.isWellFormed() ? rec.raw : rec.raw.toWellFormed();
  if (!/[\r\n\0]/.test(text)) return text;
  return isJson(rec) ? text.replace(/[\r\n]/g, ' ') : text.replace(/[\r\n\0]/g, (one) => ESCAPES[one] ?? '');
}
