/** How much an acknowledgement proves, weakest first. Stored with the position and shown in `status`. */
export const GRADES = ['none', 'kernel', 'peer-read', 'accepted', 'indexed'] as const;
export type Grade = (typeof GRADES)[number];

/** Why a destination holds everything until a person acts. */
export type BlockedWhy = 'auth' | 'tls' | 'config' | 'quota';

/** What a destination said of one record. A sink answers with values; it never throws for a remote fault. */
export type Outcome =
  /** Taken; final once `finalAfterMs` passed without a failure of the destination (absent or 0: final now). */
  | { readonly kind: 'ok'; readonly grade: Grade; readonly finalAfterMs?: number }
  /** Transient: send again, not before `afterMs`. */
  | { readonly kind: 'retry'; readonly why: string; readonly afterMs?: number }
  /** This record will never be taken: a candidate for quarantine. */
  | { readonly kind: 'reject'; readonly why: string; readonly code?: string }
  /** Hold everything and tell a person. */
  | { readonly kind: 'blocked'; readonly why: BlockedWhy; readonly detail: string };
