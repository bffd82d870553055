import type { SourceState } from '../health/states.ts';
import type { RecKind } from '../model/record.ts';

/** Something that happens now. Times in epoch ms. */
export type LiveEvent =
  | (LiveRecord & { readonly type: 'handed-out' })
  | (LiveRecord & { readonly type: 'acknowledged'; readonly destination: string })
  | {
      readonly type: 'state';
      readonly at: number;
      readonly customer: string;
      readonly account: string;
      readonly region: string;
      readonly logGroup: string;
      readonly state: SourceState;
      readonly before?: SourceState | undefined;
      readonly code?: string | undefined;
      readonly reason: string;
    };

interface LiveRecord {
  readonly at: number;
  /** Of the event. */
  readonly time: number;
  readonly customer: string;
  readonly account: string;
  readonly region: string;
  readonly kind: RecKind;
  readonly severity?: number | undefined;
  readonly what: string;
  readonly key: string;
}

/** Tells whoever listens now; nobody is waited for. */
export interface LiveFeed {
  tell(event: LiveEvent): void;
  /** Until the returned function is called. */
  listen(listener: (event: LiveEvent) => void): () => void;
  /** Somebody listens: who tells may spare the work otherwise. */
  readonly isHeard: boolean;
}

export function createLiveFeed(): LiveFeed {
  const listeners = new Set<(event: LiveEvent) => void>();
  return {
    get isHeard() {
      return listeners.size > 0;
    },
    tell(event) {
      for (const listener of listeners) listener(event);
    },
    listen(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
