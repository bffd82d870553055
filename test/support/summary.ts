import { hourlySummary } from '../../agent/health/hourly-summary.ts';
import type { ObservedSource } from '../../agent/health/overview.ts';
import type { RelayEvent } from '../../agent/model/relay-event.ts';
import { HEALTH } from './health-facts.ts';

const MINUTE_MS = 60_000;
const FROM = Date.UTC(2026, 10, 21, 12);
const NOW = FROM + 70 * MINUTE_MS;

function sourceIn(account: string, region: string, lastHeartbeatAt: number): ObservedSource {
  const place = { customer: 'acme', account, region, logGroup: '/aws/events/guardrelay' };
  const facts = { pollSeconds: 60, lastReadAt: NOW - MINUTE_MS, lastHeartbeatAt, destinations: {} };
  return { source: `${account}/${region}`, ...place, firstSeenAt: 0, facts, options: HEALTH };
}

function partOf(account: string, region: string, heartbeats: number, findings: number) {
  return { source: `${account}/${region}`, region, heartbeats, findings, changes: 0, quarantined: 0 };
}

/** An hour in which one of three regions fell silent. */
export const SUMMARY: RelayEvent = hourlySummary({
  customer: { id: 'acme', name: 'ACME Corporation' },
  ...{ agent: 'relay-eu-1', from: FROM, now: NOW, watchedMinutes: 60 },
  sources: [
    sourceIn('111111111111', 'eu-west-1', NOW - 3 * MINUTE_MS),
    sourceIn('111111111111', 'us-east-1', NOW - 2 * MINUTE_MS),
    sourceIn('123456789123', 'eu-west-1', FROM + 19 * MINUTE_MS),
  ],
  parts: [
    partOf('111111111111', 'eu-west-1', 12, 2),
    partOf('111111111111', 'us-east-1', 12, 1),
    partOf('123456789123', 'eu-west-1', 4, 0),
  ],
});
