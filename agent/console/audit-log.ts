import { z } from 'zod';

import { instant } from './api/instant.ts';

const AUDITED = [
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
export const auditEntry = z
  .strictObject({
    at: instant,
    user: z.string(),
    role: z.string().optional(),
    from: z.string().describe('Address of the client, as far as it is known'),
    action: z.enum(AUDITED),
    customer: z.string().optional(),
    subject: z.string().optional().describe('Such as the id of a source'),
    outcome: z.enum(['done', 'refused', 'failed']),
    detail: z.string().optional(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = Readonly<z.output<typeof auditEntry>>;

/** Who did what: append only, bounded, never in the way of what it records. */
export interface AuditLog {
  add(entry: Omit<AuditEntry, 'at'>): void;
  /** The newest first. */
  last(limit: number): Promise<readonly AuditEntry[]>;
}
