import type { EventBus } from '../events/bus.ts';
import { perPlace } from '../per-place.ts';
import type { Place } from '../service.ts';
import type { World } from '../world.ts';
import type { Members } from './members.ts';
import type { FindingDetail } from './sample-finding.ts';
import { sampleFinding } from './sample-finding.ts';

/** The findings of all accounts and regions. */
export interface Findings {
  /**
   * Keeps a finding and sends its event, in the account that it is about and, where that is a member,
   * in its administrator's account too.
   */
  report(place: Place, detail: FindingDetail): void;
  /** Answers false for a type that cannot be. A second sample of a type is a repetition of the first. */
  reportSample(place: Place, detectorId: string, type: string): boolean;
  list(place: Place): readonly FindingDetail[];
}

interface Sample {
  readonly id: string;
  readonly firstSeen: number;
  count: number;
}

/** No findings to begin with. */
export function createFindings({ clock, nextId }: World, events: EventBus, members: Members): Findings {
  const findings = perPlace(() => new Map<string, FindingDetail>());
  const samples = perPlace(() => new Map<string, Sample>());

  function keep(place: Place, detail: FindingDetail): void {
    findings(place).set(detail.id, detail);
    events.emit(place, { source: 'aws.guardduty', 'detail-type': 'GuardDuty Finding', detail });
  }

  function report(place: Place, detail: FindingDetail): void {
    keep(place, detail);
    const { administrator, status } = members.administratorOf(place) ?? {};
    if (administrator !== undefined && status === 'Enabled')
      keep({ ...place, account: administrator }, detail);
  }

  return {
    report,
    reportSample(place, detectorId, type) {
      const now = clock.now();
      const fresh = { id: nextId().replaceAll('-', ''), firstSeen: now, count: 0 };
      const sample = samples(place).get(type) ?? fresh;
      const repeated = { ...sample, count: sample.count + 1 };
      const detail = sampleFinding(place, { ...repeated, type, detectorId, lastSeen: now });
      if (!detail) return false;
      samples(place).set(type, repeated);
      report(place, detail);
      return true;
    },
    list: (place) => [...findings(place).values()],
  };
}
