import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import { perPlace } from '../per-place.ts';
import type { Place } from '../service.ts';
import { type Detectors, rejected } from './detectors.ts';
import { ofDetector } from './requests.ts';

/** Which accounts of an organization become members by themselves. */
type AutoEnable = 'NEW' | 'ALL' | 'NONE';

/** The accounts that administer GuardDuty for an organization, by region. */
export interface Administration {
  delegate(administrator: Place, autoEnable: AutoEnable): void;
  /** Undefined: this account administers none. */
  of(administrator: Place): AutoEnable | undefined;
}

/** No administrators to begin with. */
export function createAdministration(): Administration {
  const settings = perPlace((): { autoEnable?: AutoEnable } => ({}));

  return {
    delegate(administrator, autoEnable) {
      settings(administrator).autoEnable = autoEnable;
    },
    of: (administrator) => settings(administrator).autoEnable,
  };
}

const operation = operationsRefusing('BadRequestException');

/** The operations of the administrator of an organization. */
export function organizationOperations(
  detectors: Detectors,
  administration: Administration,
): Readonly<Record<string, Operation>> {
  return {
    DescribeOrganizationConfiguration: operation(ofDetector, ({ detectorId }, place) => {
      detectors.get(place, detectorId);
      const autoEnable = administration.of(place);
      if (autoEnable === undefined)
        throw rejected('the current account cannot administer this organization.');
      return {
        autoEnable: autoEnable !== 'NONE',
        autoEnableOrganizationMembers: autoEnable,
        memberAccountLimitReached: false,
        features: [],
      };
    }),
  };
}
