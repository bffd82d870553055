import { z } from 'zod';
import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import type { Detectors } from './detectors.ts';
import { FREQUENCIES, rejected } from './detectors.ts';
import { chosen, findingChoice } from './finding-choice.ts';
import type { Findings } from './findings.ts';
import { ASSOCIATED } from './member-refusals.ts';
import type { Members } from './members.ts';
import { listed, ofDetector, paged } from './requests.ts';
import { SAMPLE_TYPES } from './sample-finding.ts';

const operation = operationsRefusing('BadRequestException');
const settings = { findingPublishingFrequency: z.enum(FREQUENCIES).optional() };
const createDetector = z.object({ ...settings, enable: z.boolean() });
const updateDetector = ofDetector.extend({ ...settings, enable: z.boolean().optional() });
const createSamples = ofDetector.extend({
  findingTypes: z
    .array(z.string())
    .max(50)
    .default([...SAMPLE_TYPES]),
});
const listFindings = z.strictObject({ ...ofDetector.shape, ...paged, ...findingChoice });
const getFindings = ofDetector.extend({ findingIds: z.array(z.string()).max(50) });

/** The operations on the detector of a place. */
export function detectorOperations(
  detectors: Detectors,
  members: Members,
): Readonly<Record<string, Operation>> {
  return {
    CreateDetector: operation(createDetector, ({ enable, findingPublishingFrequency: frequency }, place) => ({
      detectorId: detectors.create(place, { enabled: enable, frequency }).id,
    })),
    ListDetectors: operation(z.object({}), (_input, place) => ({
      detectorIds: [detectors.find(place)?.id ?? []].flat(),
    })),
    GetDetector: operation(ofDetector, ({ detectorId }, place) => {
      const { createdAt, updatedAt, enabled, frequency } = detectors.get(place, detectorId);
      return {
        createdAt,
        updatedAt,
        findingPublishingFrequency: frequency,
        serviceRole: `arn:${place.partition}:iam::${place.account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty`,
        status: enabled ? 'ENABLED' : 'DISABLED',
        features: [],
        tags: {},
      };
    }),
    UpdateDetector: operation(updateDetector, ({ detectorId, enable, ...input }, place) => {
      detectors.update(place, detectorId, { enabled: enable, frequency: input.findingPublishingFrequency });
    }),
    DeleteDetector: operation(ofDetector, ({ detectorId }, place) => {
      const isAdministrator = members.list(place).some(({ status }) => ASSOCIATED.includes(status));
      if (isAdministrator)
        throw rejected(
          'the current account cannot delete detector while it has invited or associated members.',
        );
      detectors.delete(place, detectorId);
    }),
  };
}

/** The operations on findings. */
export function findingOperations(
  detectors: Detectors,
  findings: Findings,
): Readonly<Record<string, Operation>> {
  return {
    CreateSampleFindings: operation(createSamples, ({ detectorId, findingTypes }, place) => {
      detectors.get(place, detectorId);
      for (const type of findingTypes) {
        if (!findings.reportSample(place, detectorId, type)) {
          throw rejected('an invalid or out-of-range value is specified as an input parameter.');
        }
      }
    }),
    ListFindings: operation(
      listFindings,
      ({ detectorId, findingCriteria, sortCriteria, ...paging }, place) => {
        detectors.get(place, detectorId);
        const { items, nextToken } = listed(
          chosen(findings.list(place), { findingCriteria, sortCriteria }),
          paging,
        );
        return { findingIds: items.map(({ id }) => id), nextToken };
      },
    ),
    GetFindings: operation(getFindings, ({ detectorId, findingIds }, place) => {
      detectors.get(place, detectorId);
      return { findings: findings.list(place).filter(({ id }) => findingIds.includes(id)) };
    }),
  };
}
