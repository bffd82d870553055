import { CreateDetectorCommand, UpdateDetectorCommand } from '@aws-sdk/client-guardduty';

import type { Detector } from './detector-calls.ts';
import type { Expected } from './expected.ts';
import { detectorOf } from './fixes.ts';
import type { Remedy } from './remedy.ts';

const COSTS = 'GuardDuty costs money: AWS bills what it analyses.';
const FREQUENCY = 'FIFTEEN_MINUTES';

export function createDetector({ source }: Expected): Remedy {
  const { region } = source;
  return {
    description: 'switch GuardDuty on',
    command: `aws guardduty create-detector --enable --finding-publishing-frequency ${FREQUENCY} --region ${region}`,
    place: source,
    action: 'guardduty:CreateDetector',
    resource: '*',
    caution: COSTS,
    async apply({ clients, scope, signal }) {
      const command = new CreateDetectorCommand({ Enable: true, FindingPublishingFrequency: FREQUENCY });
      await clients.guardduty(scope, region).send(command, { abortSignal: signal });
    },
  };
}

export function enableDetector(detector: Detector, expected: Expected): Remedy {
  return updateDetector(detector, expected, {
    description: 'switch GuardDuty on again',
    option: '--enable',
    input: { Enable: true },
    caution: COSTS,
  });
}

export function reportSooner(detector: Detector, expected: Expected): Remedy {
  return updateDetector(detector, expected, {
    description: 'let GuardDuty report repetitions of a finding every 15 minutes',
    option: `--finding-publishing-frequency ${FREQUENCY}`,
    input: { FindingPublishingFrequency: FREQUENCY },
    caution:
      'It is a setting of the account: others who take findings from there get repetitions sooner, too.',
  });
}

interface Update {
  readonly description: string;
  /** Of the AWS CLI. */
  readonly option: string;
  readonly input: { readonly Enable?: true; readonly FindingPublishingFrequency?: typeof FREQUENCY };
  readonly caution: string;
}

function updateDetector(
  { id }: Detector,
  expected: Expected,
  { description, option, input, caution }: Update,
): Remedy {
  const { source } = expected;
  const { account, region, partition } = source;
  return {
    ...{ description, caution, place: source },
    command: `aws guardduty update-detector ${detectorOf(expected)} ${option} --region ${region}`,
    action: 'guardduty:UpdateDetector',
    resource: `arn:${partition}:guardduty:${region}:${account}:detector/${id}`,
    async apply({ clients, scope, signal }) {
      const command = new UpdateDetectorCommand({ DetectorId: id, ...input });
      await clients.guardduty(scope, region).send(command, { abortSignal: signal });
    },
  };
}
