import type { Test } from 'tap';

import { isJsonObject } from '../../agent/model/json.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';

/** A record as it arrived, in the format `json`. */
type ArrivedRecord = Readonly<Record<string, unknown>>;

/** A SIEM's HTTP input that keeps what it has acknowledged. */
export interface TestSiem {
  readonly url: string;
  /** Acknowledged records in order. */
  readonly records: readonly ArrivedRecord[];
  /** Their events' ids; where an event has none, its text. */
  readonly ids: readonly string[];
  /** Answers 503 and keeps nothing. */
  isDown: boolean;
  /** Resets every connection before anything is read. */
  isGone: boolean;
}

/** A SIEM on loopback; closed at the end of `t`. */
export async function startTestSiem(t: Test): Promise<TestSiem> {
  const receiver = await startWebhookReceiver(t);
  const records: ArrivedRecord[] = [];
  const siem = {
    url: receiver.url,
    records,
    isDown: false,
    get ids() {
      return records.map(idOf);
    },
    get isGone() {
      return receiver.cuts;
    },
    set isGone(gone: boolean) {
      receiver.cuts = gone;
    },
  };
  receiver.answer = ({ lines }) => {
    if (siem.isDown) return { status: 503 };
    records.push(...lines.map((line) => JSON.parse(line)));
    return { status: 200 };
  };
  return siem;
}

function idOf({ event, raw }: ArrivedRecord): string {
  if (isJsonObject(event) && typeof event.id === 'string') return event.id;
  return typeof raw === 'string' ? raw : JSON.stringify(event);
}

/** Nothing is lost, nothing was made up, and at most `repeats` records came more than once. */
export function assertDelivered(t: Test, siem: TestSiem, expected: readonly string[], repeats = 0): void {
  t.same([...new Set(siem.ids)].toSorted(), expected.toSorted(), 'nothing is lost');
  t.ok(siem.ids.length <= expected.length + repeats, `${siem.ids.length - expected.length} came twice`);
}
