/** One row of FilterLogEvents. Times are epoch milliseconds by AWS's clocks. */
export interface LogEvent {
  /** Opaque, unique in its log group. */
  readonly id: string;
  /** Set by the writer; EventBridge writes the envelope's `time`, in whole seconds. */
  readonly timestamp: number;
  /** When CloudWatch Logs took it. */
  readonly ingestionTime: number;
  readonly stream: string;
  readonly message: string;
}
