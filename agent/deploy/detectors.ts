import type { GuardDutyClient } from '@aws-sdk/client-guardduty';
import { ListDetectorsCommand } from '@aws-sdk/client-guardduty';

import type { Place } from './places.ts';
import { placeKey } from './places.ts';

interface DetectorQuestion {
  /** With the deployer's own credentials, so that only the deployer's own account answers. */
  guardduty(region: string): GuardDutyClient;
  readonly adminAccount: string;
  readonly signal: AbortSignal;
}

/** What a plan says of the places where GuardDuty is off, by their keys. What cannot be asked is not spoken of. */
export async function remarkDetectors(
  places: readonly Place[],
  { guardduty, adminAccount, signal }: DetectorQuestion,
): Promise<ReadonlyMap<string, string>> {
  const own = places.filter(({ account }) => account === adminAccount);
  const remarks = await Promise.all(
    own.map(async (place) =>
      (await hasDetector(guardduty(place.region), signal)) === false
        ? [[placeKey(place), NO_DETECTOR] as const]
        : [],
    ),
  );
  return new Map(remarks.flat());
}

/** Deployed all the same: whoever switches GuardDuty on later would else have a region that nobody watches. */
const NO_DETECTOR = 'no GuardDuty detector (GD-001): findings come once there is one';

async function hasDetector(client: GuardDutyClient, signal: AbortSignal): Promise<boolean | undefined> {
  try {
    const { DetectorIds = [] } = await client.send(new ListDetectorsCommand({}), { abortSignal: signal });
    return DetectorIds.length > 0;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
