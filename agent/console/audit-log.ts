export const AUDITED = [
  'login',
  'login-failed',
  'logout',
  'test',
  'replay',
  'mute',
  'acknowledge',
  'refused',
] as const;

/** What somebody did, or tried to do, through the HTTP listener. */
export interface AuditEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly user: string;
  readonly role?: string | undefined;
  /** Address of the client, as far as it is known. */
  readonly from: string;
  readonly action: (typeof AUDITED)[number];
  readonly customer?: string | undefined;
  /** Such as the id of a source. */
  readonly subject?: string | undefined;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly detail?: string | undefined;
}

/** Who did what: append only, bounded, never in the way of what it records. */
export interface AuditLog {
  add(entry: Omit<AuditEntry, 'at'>): void;
  /** The newest first. */
  last(limit: number): Promise<readonly AuditEntry[]>;
}
