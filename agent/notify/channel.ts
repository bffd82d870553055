import type { RelayEvent } from '../model/relay-event.ts';

/** What became of one message. */
export type ChannelOutcome =
  | { readonly kind: 'ok' }
  /** Not now: nobody answered, too many messages, a fault of the far side. */
  | { readonly kind: 'retry'; readonly why: string; readonly afterMs?: number }
  /** Never: wrong address, wrong secret, a message that the far side does not take. */
  | { readonly kind: 'refused'; readonly why: string };

/** A way to reach people. One event is one message; a group comes as one event that names all of it. */
export interface Channel {
  readonly id: string;
  /** Never throws for what the far side did; `why` names no secret. */
  send(event: RelayEvent, signal: AbortSignal): Promise<ChannelOutcome>;
  close(): Promise<void>;
}
