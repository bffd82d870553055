import { wrap } from '../../console/terminal/width.ts';

const HELP = [
  'q, Ctrl-C        end',
  's, ← →           sort problems by state, customer, region or time',
  '↑ ↓              scroll them',
  '/                show only what holds a text: a customer, an account, a region, a code; proven sources too',
  'Esc              clear the filter',
  '?                this help',
  '',
  'RECORDS/MIN      records handed to destinations, over the last minute',
  'p95 LAG          95 of 100 records were acknowledged within this time after their event, over the last minute',
  'OLDEST WAITING   age of the oldest event that a destination does not have',
  'Bars             the last looks, each against the highest of them',
] as const;
const INDENT = 17;

export function helpLines(columns: number): readonly string[] {
  return HELP.flatMap((line) => {
    const [first = '', ...others] = wrap(line.slice(INDENT), columns - INDENT);
    return [line.slice(0, INDENT) + first, ...others.map((each) => ' '.repeat(INDENT) + each)];
  });
}
