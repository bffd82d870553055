import type { ErrorCode } from '../model/error.ts';

export type ConfigCode = Extract<ErrorCode, `CFG-${string}`>;
export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong in a configuration file. */
export interface Mistake {
  readonly code: ConfigCode;
  /** Of the customer that it is about; absent: the configuration file itself. */
  readonly file?: string;
  /** Where, from 1; absent for what does not stand in the file. */
  readonly line?: number;
  readonly column?: number;
  /** As a person writes it: `customers[0].auth.roleArn`. */
  readonly path: string;
  /** A sentence whose subject is the path. */
  readonly text: string;
}

/** A mistake before its place in the text is known. */
export interface Fault {
  readonly code: ConfigCode;
  readonly path: ConfigPath;
  readonly text: string;
  /** The key itself is wrong, not its value. */
  readonly atKey?: boolean;
}

export function pathText(path: ConfigPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
