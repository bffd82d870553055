/** UTF-8 bytes of a text inside a JSON string, without the quotes. */
function escapedBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/** As many whole characters from the start of a text as `bytesOf` finds in `maxBytes`. */
function cutBy(text: string, maxBytes: number, bytesOf: (text: string) => number): string {
  // No character takes less than one byte, so that nothing behind this can stay.
  const candidate = text.slice(0, Math.max(0, maxBytes));
  if (text.length === candidate.length && bytesOf(text) <= maxBytes) return text;
  let bytes = 0;
  let length = 0;
  for (const character of candidate) {
    bytes += bytesOf(character);
    if (bytes > maxBytes) break;
    length += character.length;
  }
  // The slice may have split the last character.
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

/** A text cut to UTF-8 bytes, at the border of a character. */
export function cutText(text: string, maxBytes: number): string {
  return cutBy(text, maxBytes, Buffer.byteLength);
}

/** The same, counting what it takes in a JSON string. */
export function cutForJson(text: string, maxBytes: number): string {
  return cutBy(text, maxBytes, escapedBytes);
}
