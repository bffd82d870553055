import type { SinkDeps } from './destination.ts';

/** Looks into a SIEM for a record that it has acknowledged. */
export interface Finder {
  /** `key`: of the record. Never throws for what the far side did. */
  find(key: string, signal: AbortSignal): Promise<Sighting>;
  /** Safe twice; gives up waiting after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

export type Sighting =
  /** `where`: the name of what holds it there. */
  | { readonly kind: 'found'; readonly where: string }
  /** Not yet, or never; `why`: what kept the far side from answering. */
  | { readonly kind: 'absent'; readonly why?: string }
  /** It will not be found by asking again. */
  | { readonly kind: 'closed'; readonly why: string };

/** What a finder is given by the composition root. */
export type FinderDeps = Pick<SinkDeps, 'clock' | 'readSecret' | 'awsIdentities' | 'proxyFor'>;
