import { EXIT, type ExitCode } from '../../model/error.ts';

const WORDS: Readonly<Record<ExitCode, string>> = {
  [EXIT.done]: 'done',
  [EXIT.failure]: 'failed',
  [EXIT.usage]: 'not begun',
  [EXIT.attention]: 'with warnings',
  [EXIT.unhealthy]: 'unhealthy',
  [EXIT.refused]: 'refused by AWS',
  [EXIT.timeout]: 'not done in time',
  [EXIT.partly]: 'partly done',
  [EXIT.interrupted]: 'stopped',
};

/** How it ended for each of several customers: those that need somebody by their names. */
export function tourText(verb: string, codes: ReadonlyMap<string, ExitCode>): string {
  const ends = Map.groupBy(codes, ([, code]) => code);
  const parts = [...ends].map(([code, customers]) => {
    const names = customers.map(([id]) => id).join(', ');
    return `${customers.length} ${WORDS[code]}${code === EXIT.done ? '' : ` (${names})`}`;
  });
  return `${verb} of ${codes.size} customers: ${parts.join('; ')}.\n`;
}

/** The code that all customers share; else: partly done. */
export function overall(codes: ReadonlyMap<string, ExitCode>): ExitCode {
  const all = new Set(codes.values());
  if (all.has(EXIT.interrupted)) return EXIT.interrupted;
  const [only = EXIT.done, ...others] = all;
  return others.length === 0 ? only : EXIT.partly;
}
