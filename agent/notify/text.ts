/** What shows as nothing, or turns the direction of what follows; and half characters. */
const INVISIBLE = /[\p{Cf}\p{Cs}\p{Co}\u115f\u1160\u3164\uffa0]/gu;
const BLANKS = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;

/** Text of others as one line that shows all that it holds, with at most `maxLength` characters. */
export function plainLine(text: string, maxLength: number): string {
  return cut(text.toWellFormed().replaceAll(BLANKS, ' ').replaceAll(INVISIBLE, '').trim(), maxLength);
}

/** At most `maxLength` UTF-16 units, never half a character; a cut is marked. */
export function cut(text: string, maxLength: number, mark = '…'): string {
  if (text.length <= maxLength) return text;
  // A lone first half at the end is dropped.
  return `${text.slice(0, maxLength - mark.length).replace(/[\ud800-\udbff]$/, '')}${mark}`;
}

/** Printable ASCII: signs and emoji go, letters lose their accents, what is left becomes a question mark. */
export function asciiText(text: string): string {
  return text
    .replaceAll('…', '...')
    .replaceAll(/^[^ -~]+ /g, '')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^ -~]/gu, '?');
}

/** The first few, and how many more there are. */
export function listed(names: readonly string[], maxNames: number): string {
  const more = names.length - maxNames;
  // One more name is no longer than saying that there is one more.
  if (more <= 1) return names.join(', ');
  return `${names.slice(0, maxNames).join(', ')} and ${more} more`;
}
