import type { Row } from '../../agent/localaws/logs/rows.ts';
import type { MessageOf } from './findings.ts';

/** How the findings of a full log group lie in time. */
export interface RowPlan {
  readonly count: number;
  readonly messageOf: MessageOf;
  /** Epoch ms: when the last one was written. */
  readonly endAt: number;
}

/** Rows of a log group that hold no text until they are read: a million of 4 KB fit in memory. */
export function findingRows({ count, messageOf, endAt }: RowPlan): readonly Row[] {
  return Array.from({ length: count }, (_, index) => new FindingRow(index, endAt - count + index, messageOf));
}

class FindingRow implements Row {
  readonly stream = 'seed';
  readonly #index: number;
  readonly #writtenAt: number;
  readonly #messageOf: MessageOf;

  constructor(index: number, writtenAt: number, messageOf: MessageOf) {
    this.#index = index;
    this.#writtenAt = writtenAt;
    this.#messageOf = messageOf;
  }

  /** A thousand findings a second, in whole seconds as EventBridge writes them. */
  get timestamp(): number {
    return Math.floor(this.#writtenAt / 1_000) * 1_000;
  }

  get ingestionTime(): number {
    return this.#writtenAt;
  }

  get readableAt(): number {
    return this.#writtenAt;
  }

  get sequence(): number {
    return this.#index + 1;
  }

  get message(): string {
    return this.#messageOf(this.#index);
  }

  get bytes(): number {
    return Buffer.byteLength(this.message);
  }
}
