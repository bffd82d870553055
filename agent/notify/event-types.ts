import type { Severity } from '../model/relay-event.ts';

interface EventKind {
  readonly severity: Severity;
  /** Told when it begins and when it ends, and not in between. */
  readonly isOnce?: true;
  /** What the type of its end is called, where that has a name of its own. */
  readonly end?: 'source.recovered' | 'destination.recovered';
}

const source = { end: 'source.recovered' } as const;

/** Everything that lasts: it is told when it begins, now and then while it lasts, and when it ends. */
export const LASTING = {
  'source.failing': { severity: 'critical', ...source },
  'source.silent': { severity: 'critical', ...source },
  'source.lagging': { severity: 'medium', ...source },
  'source.unproven': { severity: 'info', isOnce: true, ...source },
  'plumbing.changed': { severity: 'critical' },
  'detector.disabled': { severity: 'critical' },
  'credentials.refused': { severity: 'critical' },
  'credentials.old': { severity: 'low', isOnce: true },
  'region.new-without-stack': { severity: 'medium' },
  'stack.outdated': { severity: 'low', isOnce: true },
  'retention.risk': { severity: 'critical' },
  'destination.blocked': { severity: 'critical', end: 'destination.recovered' },
  'destination.quarantined': { severity: 'medium' },
  'destination.certificate-expiring': { severity: 'medium' },
  'member.resigned': { severity: 'critical' },
  'member.removed': { severity: 'high' },
  'member.paused': { severity: 'high' },
  'member.failed': { severity: 'medium' },
  'member.invitation-old': { severity: 'low' },
  'member.unavailable': { severity: 'info', isOnce: true },
  'config.invalid': { severity: 'high' },
  'agent.many-sources': { severity: 'critical' },
  'notify.channel-failing': { severity: 'high' },
} as const satisfies Readonly<Record<string, EventKind>>;

/** Everything that has happened when it is told. */
export const HAPPENING = {
  'source.gap': 'critical',
  'config-change': 'high',
  'agent.started': 'info',
  'agent.stopping': 'info',
} as const satisfies Readonly<Record<string, Severity>>;

export type LastingType = keyof typeof LASTING;
export type EventType = LastingType | keyof typeof HAPPENING;

export const EVENT_TYPES: readonly EventType[] = [...keysOf(LASTING), ...keysOf(HAPPENING)];

export function kindOf(type: LastingType): EventKind {
  return LASTING[type];
}

function keysOf<T extends object>(table: T): readonly (keyof T)[] {
  const isKey = (name: string): name is Extract<keyof T, string> => Object.hasOwn(table, name);
  return Object.keys(table).filter(isKey);
}
