import type { Clock } from '../../model/clock.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';
import type { Logger } from '../../model/logger.ts';
import type { SecretReader } from '../../model/secret.ts';
import type { AuditLog } from '../audit-log.ts';
import { createLoginGate, createProxyGate, type Gate, type LoginGate, OPEN_GATE } from './gate.ts';
import { createHostRule, type HostRule } from './host-rule.ts';
import type { Logins } from './logins.ts';
import { createUsers, type UserOptions } from './users.ts';
import { createVerifier } from './verifier.ts';

/** Who may come in, as the configuration says. */
export type AuthOptions =
  | { readonly type: 'none' }
  | { readonly type: 'token' | 'basic'; readonly users: readonly UserOptions[] }
  | {
      readonly type: 'proxy-header';
      readonly from: readonly string[];
      readonly header: string;
      readonly users: readonly UserOptions[];
    };

export interface AccessParts {
  readonly auth: AuthOptions;
  /** Of the listener beside loopback. */
  readonly names: readonly string[];
  readonly readSecret: SecretReader;
  readonly audit: Pick<AuditLog, 'add'>;
  readonly logins: Logins;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Access {
  readonly hostRule: HostRule;
  readonly gate: Gate;
  /** Absent: nobody logs in here. */
  readonly login?: LoginGate | undefined;
}

export function createAccess({ auth, names, audit, logins, ...parts }: AccessParts): Access {
  const hostRule = createHostRule(names, auth.type === 'none');
  if (auth.type === 'none') return { hostRule, gate: OPEN_GATE };
  const expects = auth.type === 'basic' ? 'scrypt' : 'sha256';
  const users = createUsers(auth.users, { ...parts, expects });
  if (auth.type === 'proxy-header') return { hostRule, gate: createProxyGate(auth, users) };
  const verifier = createVerifier(users, parts.clock);
  const login = createLoginGate({ asks: auth.type, users, verifier, audit, ...logins });
  return { hostRule, gate: login, login };
}

/** The last word on an open listener: what a name in the configuration stood for is known only now. */
export function requireLoopback(address: string, { type }: AuthOptions): void {
  if (type !== 'none' || address === '::1' || address.startsWith('127.')) return;
  throw new GuardrelayError('CFG-007', `http.listen opens ${address} to others, and http.auth is none`, {
    exitCode: EXIT.usage,
    fix: 'Listen on 127.0.0.1, or say with http.auth who may come in.',
  });
}
