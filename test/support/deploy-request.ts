import type { Blueprint, Tags } from '../../agent/deploy/blueprint.ts';
import { blueprintTags } from '../../agent/deploy/blueprint.ts';
import type { CollectorSettings, Parameters } from '../../agent/deploy/parameters.ts';
import { collectorParameters } from '../../agent/deploy/parameters.ts';
import type { DeployPlan } from '../../agent/deploy/plan.ts';

/** The defaults of the configuration. */
export const COLLECTOR: CollectorSettings = {
  prefix: 'guardrelay',
  logGroup: '/aws/events/guardrelay',
  retentionDays: 30,
  findings: true,
  configChanges: true,
  objectScanResults: false,
  heartbeatMinutes: 5,
  deadLetterQueue: false,
  logPolicyScope: 'Account',
};

export interface BlueprintParts {
  readonly customer?: string;
  readonly body?: string;
  readonly parameters?: Parameters;
  readonly userTags?: Tags;
}

export function blueprintOf({
  customer = 'acme',
  body = '{}',
  parameters,
  userTags = {},
}: BlueprintParts): Blueprint {
  const parts = {
    customer,
    template: { body, sha256: `sha of ${body}`, version: '1' },
    parameters: parameters ?? collectorParameters(COLLECTOR),
  };
  return {
    ...parts,
    name: 'guardrelay',
    capabilities: [],
    tags: blueprintTags({ ...parts, tags: userTags }),
  };
}

export function planOf(parts: Partial<DeployPlan>): DeployPlan {
  const { template, tags } = blueprintOf({});
  return {
    customer: 'acme',
    mode: 'stackset-self-managed',
    name: 'guardrelay',
    adminAccount: '111111111111',
    homeRegion: 'us-east-1',
    templateVersion: template.version,
    templateSha256: template.sha256,
    parameters: collectorParameters(COLLECTOR),
    tags,
    steps: [],
    ...parts,
  };
}
