/** Something that people were told of and that is not over. Times in epoch ms. */
export interface OpenNotice {
  readonly key: string;
  readonly title: string;
  /** Whom it concerns; none: the agent itself. */
  readonly customers: readonly string[];
  readonly channel: string;
  readonly toldAt: number;
  readonly isAcknowledged: boolean;
}

/** A way to reach people, and how it fares. */
interface ChannelFacts {
  readonly id: string;
  readonly type: string;
  readonly lastOkAt?: number | undefined;
  readonly lastFailureAt?: number | undefined;
  readonly failure?: string | undefined;
}

export interface NoticeDesk {
  channels(): readonly ChannelFacts[];
  open(): readonly OpenNotice[];
  /** Ends its repetitions; on how many channels it was open. */
  acknowledge(key: string): number;
}
