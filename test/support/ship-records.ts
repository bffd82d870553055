import type { Clock } from '../../agent/model/clock.ts';
import { systemClock } from '../../agent/model/clock.ts';
import type { ConfigChange } from '../../agent/model/config-change.ts';
import type { Band, Finding } from '../../agent/model/finding.ts';
import type { Rendered } from '../../agent/model/format.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import type { Origin, RenderableRec } from '../../agent/model/record.ts';
import type { SinkDeps } from '../../agent/ship/destination.ts';

const origin: Origin = {
  source: {
    customer: 'acme',
    account: '123456789012',
    region: 'us-west-2',
    partition: 'aws',
    logGroup: '/aws/events/guardrelay',
  },
  stream: 'stream',
  eventId: 'event',
  timestamp: 1_784_746_037_000,
  ingestionTime: 1_784_746_039_000,
};

export const recordBase = {
  origin,
  account: '123456789012',
  region: 'us-west-2',
  partition: 'aws',
  time: Date.UTC(2026, 6, 22, 18, 47, 17),
};

/** A record whose text names it, so that a receiver can say which ones it has. */
export function recordNamed(id: string, text = ''): RenderableRec {
  return { ...recordBase, kind: 'unparsed', key: id, raw: JSON.stringify({ id, text }) };
}

/** A finding that says nothing but how bad it is. */
export function plainFinding(band: Band): Finding {
  return {
    band,
    archived: false,
    sample: false,
    attacks: [],
    remote: {},
    local: {},
    probes: [],
    logins: [],
    resources: [],
    files: [],
    threats: [],
    threatIntel: [],
    additionalInfo: {},
  };
}

/** A call of which only its name is known. */
export function plainChange(isHighRisk: boolean): ConfigChange {
  return {
    eventName: 'UpdateDetector',
    eventSource: 'guardduty.amazonaws.com',
    verb: 'update',
    severity: isHighRisk ? 'high' : 'medium',
    isHighRisk,
    sentence: 'somebody changed a detector',
    source: {},
  };
}

/** The id of a text that `recordNamed` made, whatever stands before it. */
export function idIn(message: string): string {
  return /"id":"([^"]*)"/.exec(message)?.[1] ?? `no id in ${message}`;
}

export function rendered(...texts: readonly string[]): Rendered {
  return { texts, truncated: false, dropped: [], fellBackToRaw: false };
}

/** Those of AWS's own examples of signatures. */
export const TEST_IDENTITY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

/** What the composition root would give: the raw format, no secrets. */
export function sinkDeps(given: Partial<SinkDeps> & { readonly clock?: Clock } = {}): SinkDeps {
  return {
    render: (record) => rendered(record.raw),
    readSecret: async (reference) => `secret of ${reference}`,
    awsIdentities: () => ({ get: async () => TEST_IDENTITY, renew: () => {} }),
    clock: systemClock,
    logger: silentLogger,
    agentId: 'relay-1',
    ...given,
  };
}
