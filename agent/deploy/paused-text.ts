import type { DeployRow } from './rows.ts';

/** How to go on with a deployment that was not seen to its end. */
export interface Sequel {
  readonly customer: string;
  /** The command that waits for what has begun and does the rest. */
  readonly again: string;
  /** Why it was not: `stopped`. */
  readonly why: string;
}

export function interruptedText({ customer, again, why }: Sequel): string {
  return `${customer}: ${why}. What had begun in AWS goes on.\nTo wait for it and do the rest: ${again}\n`;
}

/** What AWS goes on with, and what nobody has begun. */
export function detachedText({ customer, again }: Sequel, rows: readonly DeployRow[]): string {
  const running = rows.filter(({ status }) => status === 'running');
  const operations = new Set(running.flatMap(({ operation }) => operation ?? []));
  const waiting = rows.filter(({ status }) => status === 'untouched').length;
  const rest = waiting > 0 ? `; ${counted(waiting)} not begun yet, because they wait for these` : '';
  return [
    `${customer}: ${counted(running.length)} left to AWS${rest}.`,
    ...[...operations].map((id) => `  operation ${id} on StackSet ${running[0]?.stack}`),
    `To wait for the end${waiting > 0 ? ' and do the rest' : ''}: ${again}`,
    '',
  ].join('\n');
}

function counted(stacks: number): string {
  return stacks === 1 ? '1 stack' : `${stacks} stacks`;
}
