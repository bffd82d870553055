import type { ErrorCode } from '../model/error.ts';

export type ConfigCode = Extract<ErrorCode, `CFG-${string}`>;
export type ConfigPath = readonly (string | number)[];

/** Where a person finds something in the files of a configuration. */
export interface Place {
  /** Of the customer that it is about; absent: the configuration file itself. */
  readonly file?: string;
  /** From 1; absent for what does not stand in the file. */
  readonly line?: number;
  readonly column?: number;
  /** As a person writes it: `customers[0].auth.roleArn`; in the file of a customer `auth.roleArn`. */
  readonly path: string;
}

/** One thing that is wrong in a configuration file. */
export interface Mistake extends Place {
  readonly code: ConfigCode;
  /** A sentence whose subject is the path. */
  readonly text: string;
}

/** A value of the configuration. */
export interface Spot {
  readonly path: ConfigPath;
  /** The key is meant, not its value. */
  readonly atKey?: boolean;
}

/** A mistake before its place in the text is known. */
export interface Fault extends Spot {
  readonly code: ConfigCode;
  readonly text: string;
}

export function pathText(path: ConfigPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
