import type { AwsFailure } from '../../aws/failure.ts';
import type { ErrorCode } from '../../model/error.ts';

/** What a test can wait for, in the order of the way. */
export type Leg = 'sent' | 'stored' | 'acknowledged' | 'found';

/** Something that a test has seen of its record, or has not. */
export type TestStep =
  /** AWS has taken it. */
  | { readonly kind: 'sent'; readonly by: 'events' | 'guardduty' }
  /** `key`: by which it is known from here on. */
  | { readonly kind: 'stored'; readonly key: string }
  | { readonly kind: 'acknowledged'; readonly destination: string }
  | { readonly kind: 'found'; readonly destination: string; readonly where: string }
  /** Nobody could look into the SIEM. */
  | {
      readonly kind: 'unverified';
      readonly destination: string;
      readonly why: string;
      /** What a person searches for instead. */
      readonly lookFor: string;
    }
  /** The filter of the destination leaves it out. */
  | { readonly kind: 'unwanted'; readonly destination: string }
  /** Ends the way. */
  | {
      readonly kind: 'failed';
      readonly leg: Leg;
      readonly destination?: string;
      readonly code: ErrorCode;
      readonly why: string;
      readonly fix: string;
      /** The credentials were the trouble. */
      readonly isRefusal: boolean;
    }
  /** The time was over. */
  | {
      readonly kind: 'late';
      readonly leg: Leg;
      readonly destination?: string;
      /** What was last said when it was looked for. */
      readonly why?: string;
      readonly fix: string;
    };

/** The way of one record: by a region to every destination, or straight to one of them. */
export interface Passage {
  /** For people, and for whoever reads the output. */
  readonly place:
    | { readonly customer: string; readonly account: string; readonly region: string }
    | { readonly destination: string };
  /** What is sent, for people. */
  readonly what: string;
  /** By which it is found, where that is known from the start. */
  readonly id?: string;
}

export interface TimedStep {
  readonly passage: Passage;
  readonly step: TestStep;
  /** Since the test began. */
  readonly afterMs: number;
}

/** What AWS refused, as the end of the way. */
export function failedStep(
  leg: Leg,
  { code, text: why, cause }: AwsFailure,
  fix: string,
): Extract<TestStep, { kind: 'failed' }> {
  const isRefusal = cause === 'denied' || cause === 'credentials';
  return { kind: 'failed', leg, code, why, fix, isRefusal };
}
