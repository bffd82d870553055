import { hash } from 'node:crypto';

import type { ErrorCode } from '../model/error.ts';
import type { RelayEvent } from '../model/relay-event.ts';
import type { Condition } from './condition.ts';
import { type EventType, HAPPENING, LASTING, type LastingType } from './event-types.ts';
import { triggerOf } from './message.ts';

interface SampleOptions {
  readonly agentId: string;
  /** Epoch ms. */
  readonly at: number;
  readonly publicUrl?: string | undefined;
}

const MINUTE_MS = 60_000;
const CODES: Readonly<Partial<Record<LastingType, ErrorCode>>> = {
  'source.silent': 'SRC-001',
  'plumbing.changed': 'EB-001',
  'detector.disabled': 'GD-001',
  'credentials.refused': 'AUTH-002',
  'retention.risk': 'SRC-005',
  'destination.blocked': 'DST-004',
  'destination.quarantined': 'DST-006',
  'destination.certificate-expiring': 'DST-003',
  'member.resigned': 'MEM-004',
  'member.removed': 'MEM-004',
  'member.paused': 'MEM-002',
  'member.failed': 'MEM-003',
  'member.invitation-old': 'MEM-001',
  'config.invalid': 'CFG-001',
  'agent.many-sources': 'AGT-008',
  'notify.channel-failing': 'NTF-001',
};

/** What a person gets who tries a channel: every field filled, and marked as a test in title and key. */
export function sampleEvent(type: EventType, options: SampleOptions): RelayEvent {
  const event = isLasting(type) ? lastingSample(type, options) : happeningSample(type, options);
  const details = { ...event.details, test: true };
  // Nothing else ends it, and it must not wake anybody the day after.
  return { ...event, action: 'notice', title: `[TEST] ${event.title}`, details };
}

function isLasting(type: EventType): type is LastingType {
  return Object.hasOwn(LASTING, type);
}

function lastingSample(type: LastingType, { agentId, at, publicUrl }: SampleOptions): RelayEvent {
  const condition: Condition = {
    ...{ type, code: CODES[type] ?? 'SRC-002', subject: 'example', cause: 'test', reason: 'this is a test' },
    ...{ customers: [{ id: 'example', name: 'Example Ltd' }], region: 'eu-central-1', destination: 'siem' },
    account: { id: '123456789012', name: 'payments-prod' },
    ...{ since: at - 47 * MINUTE_MS, lastGoodAt: at - 47 * MINUTE_MS },
  };
  return triggerOf([condition], 1, { at, publicUrl, key: `guardrelay/test/${agentId}/${at}` });
}

function happeningSample(type: keyof typeof HAPPENING, { agentId, at }: SampleOptions): RelayEvent {
  const key = `guardrelay/test/${agentId}/${at}`;
  return {
    ...{ schema: 'guardrelay.event/v1', id: hash('sha256', key), at: new Date(at).toISOString() },
    ...{ action: 'notice', key, type, severity: HAPPENING[type], code: 'test' },
    title: `Example Ltd / 123456789012 payments-prod / eu-central-1: a sample of ${type}`,
    customer: { id: 'example', name: 'Example Ltd' },
    accounts: [{ id: '123456789012', name: 'payments-prod' }],
    regions: ['eu-central-1'],
    details: {},
  };
}
