/** A request to AWS, as it ended; each try of the SDK is one. */
export interface AnsweredCall {
  /** As AWS signs for it: `logs`, `events`, `guardduty`. */
  readonly service: string;
  readonly operation: string;
  readonly outcome: 'ok' | 'throttled' | 'refused' | 'unreachable' | 'failed';
}
