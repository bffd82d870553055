/** An escaped backslash, or half a character: JSON.stringify writes every whole one as it is. */
const ESCAPE_OR_HALF = /\\\\|\\ud[89a-f][0-9a-f]{2}/g;

/** Half a character is valid JSON, but many readers refuse the whole record for it. */
export function wellFormed(json: string): string {
  if (!json.includes('\\ud')) return json;
  return json.replace(ESCAPE_OR_HALF, (found) => (found === '\\\\' ? found : '\ufffd'));
}
