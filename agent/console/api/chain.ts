import { z } from 'zod';

import type { ObservedSource } from '../../health/overview.ts';
import { type SourceHealth, sourceHealth } from '../../health/states.ts';
import type { DestinationFacts, PlumbingFacts } from '../../model/source-facts.ts';
import { instant, isoMaybe } from './instant.ts';

/** One link of the way from GuardDuty to a SIEM. */
export const linkJson = z
  .strictObject({
    part: z.enum(['guardduty', 'rule', 'log-group', 'relay', 'destination']),
    id: z.string().optional().describe('Of a destination'),
    state: z
      .enum(['ok', 'waiting', 'broken', 'unknown'])
      .describe('unknown: nothing proves it, and nothing speaks against it'),
    reason: z.string(),
    code: z.string().optional(),
    at: instant.optional().describe('When that was seen'),
  })
  .meta({ id: 'Link' });
type Link = z.input<typeof linkJson>;

const GROUP_CAUSES = ['no-group', 'wrong-class', 'kms'];

/** The way of an event, link by link. A link is `ok` only where something known has come through it. */
export function chainOf(observed: ObservedSource, now: number): readonly Link[] {
  const health = sourceHealth({ ...observed, now });
  return [
    guardDutyLink(observed),
    ruleLink(observed),
    groupLink(observed, health),
    relayLink(observed),
    ...Object.entries(observed.facts.destinations).map(([id, facts]) => destinationLink(id, facts)),
  ];
}

function guardDutyLink({ facts: { plumbing } }: ObservedSource): Link {
  const trouble = troubleOf(plumbing, 'GD-');
  if (trouble) return { part: 'guardduty', ...trouble };
  if (hasSeen(plumbing))
    return { part: 'guardduty', state: 'ok', reason: 'detector enabled', at: isoMaybe(plumbing.lookedAt) };
  return { part: 'guardduty', state: 'unknown', reason: blindness(plumbing) };
}

function ruleLink({ facts: { plumbing, canary, lastCanaryAt } }: ObservedSource): Link {
  const trouble = troubleOf(plumbing, 'EB-');
  if (trouble) return { part: 'rule', ...trouble };
  const missed = canary?.missed ?? 0;
  if (missed >= 2) {
    const reason = `the last ${missed} canaries did not come through`;
    return { part: 'rule', state: 'broken', reason, code: 'EB-001', at: isoMaybe(canary?.missedSince) };
  }
  if (lastCanaryAt !== undefined && missed === 0) {
    return { part: 'rule', state: 'ok', reason: 'a canary came through', at: isoMaybe(lastCanaryAt) };
  }
  if (hasSeen(plumbing)) {
    return {
      part: 'rule',
      state: 'ok',
      reason: 'enabled, pattern and target as deployed',
      at: isoMaybe(plumbing.lookedAt),
    };
  }
  return { part: 'rule', state: 'unknown', reason: blindness(plumbing) };
}

function groupLink({ facts }: ObservedSource, { state, reason, code, since }: SourceHealth): Link {
  const trouble = troubleOf(facts.plumbing, 'LOG-');
  if (trouble) return { part: 'log-group', ...trouble };
  const { failure, lastHeartbeatAt, lastEventAt } = facts;
  if (failure && GROUP_CAUSES.includes(failure.cause)) {
    return {
      part: 'log-group',
      state: 'broken',
      reason: failure.text,
      code: failure.code,
      at: isoMaybe(failure.since),
    };
  }
  if (state === 'silent') return { part: 'log-group', state: 'broken', reason, code, at: isoMaybe(since) };
  if (lastHeartbeatAt !== undefined) {
    return { part: 'log-group', state: 'ok', reason: 'heartbeats arrive', at: isoMaybe(lastHeartbeatAt) };
  }
  if (lastEventAt !== undefined) {
    return { part: 'log-group', state: 'ok', reason: 'events arrive', at: isoMaybe(lastEventAt) };
  }
  return { part: 'log-group', state: 'unknown', reason: 'nothing has arrived yet' };
}

function relayLink({ facts: { failure, lastReadAt } }: ObservedSource): Link {
  if (failure && !GROUP_CAUSES.includes(failure.cause)) {
    return {
      part: 'relay',
      state: 'broken',
      reason: failure.text,
      code: failure.code,
      at: isoMaybe(failure.since),
    };
  }
  if (lastReadAt === undefined) return { part: 'relay', state: 'waiting', reason: 'not read yet' };
  return { part: 'relay', state: 'ok', reason: 'read', at: isoMaybe(lastReadAt) };
}

function destinationLink(id: string, { blocked, retrying, lastAckAt, waiting }: DestinationFacts): Link {
  const common = { part: 'destination', id } as const;
  if (blocked) return { ...common, state: 'broken', reason: blocked.detail };
  if (retrying !== undefined) return { ...common, state: 'waiting', reason: retrying };
  if (lastAckAt !== undefined)
    return { ...common, state: 'ok', reason: 'acknowledges', at: isoMaybe(lastAckAt) };
  if (waiting > 0) return { ...common, state: 'waiting', reason: 'has not acknowledged yet' };
  return { ...common, state: 'unknown', reason: 'has got nothing of this source yet' };
}

function troubleOf(plumbing: PlumbingFacts | undefined, group: string): Omit<Link, 'part'> | undefined {
  const found = plumbing?.troubles.find(({ code }) => code.startsWith(group));
  if (!found) return undefined;
  return { state: 'broken', reason: found.text, code: found.code, at: isoMaybe(plumbing?.since) };
}

function hasSeen(plumbing: PlumbingFacts | undefined): plumbing is PlumbingFacts {
  return plumbing !== undefined && !plumbing.isBlind && plumbing.isAwaited !== true;
}

function blindness(plumbing: PlumbingFacts | undefined): string {
  if (plumbing?.isBlind) return 'the reader role may not look: the rights of doctor are missing';
  return 'not looked at yet';
}
