import { widthOf } from './width.ts';

/** What stands before the text of a line: a sign, a title and a count, or a label. */
const HEAD = /^ *(?:\S \w+ +\d+ {3}|\S+ {2,})?/;
/** A line that tells a command stays whole, so that it can be copied. */
const COMMAND = /(?:^|[:;"(] ?| {2})(?:aws|guardrelay) [a-z]/;

/** A line that is too long, broken at blanks; what follows hangs below where its text begins. */
export function hang(line: string, columns: number): readonly string[] {
  if (widthOf(line) <= columns || COMMAND.test(line)) return [line];
  const [head = ''] = HEAD.exec(line) ?? [];
  const indent = head.trim() === '' ? `${head}  ` : ' '.repeat(widthOf(head));
  const lines: string[] = [];
  let current = head;
  for (const word of line.slice(head.length).split(/(?<=\S)(?= +\S)/)) {
    if (current !== head && widthOf(current + word) > columns) {
      lines.push(current);
      current = indent + word.trimStart();
    } else {
      current += word;
    }
  }
  return [...lines, current];
}
