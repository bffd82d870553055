import { CreateSampleFindingsCommand, ListDetectorsCommand } from '@aws-sdk/client-guardduty';

import { ask } from './ask.ts';
import type { AwsClients } from './clients.ts';
import type { CredentialScope } from './credential-scope.ts';
import type { FailedCall } from './failure.ts';

export interface SamplePlace {
  readonly clients: AwsClients;
  /** Of the account itself: credentials that may make findings there. */
  readonly scope: CredentialScope;
  readonly region: string;
  readonly signal: AbortSignal;
}

/** Lets GuardDuty make a sample finding of one type; without a list it would make one of every type. */
export async function createSampleFinding(
  { clients, scope, region, signal }: SamplePlace,
  type: string,
): Promise<{ readonly kind: 'created' | 'no-detector' } | FailedCall> {
  const call = { what: `CreateSampleFindings in ${scope.account} ${region}` };
  return await ask({ clients, scope, region, call, signal }, async () => {
    const guardduty = clients.guardduty(scope, region);
    const { DetectorIds = [] } = await guardduty.send(new ListDetectorsCommand({}), { abortSignal: signal });
    const [DetectorId] = DetectorIds;
    if (DetectorId === undefined) return { kind: 'no-detector' };
    const command = new CreateSampleFindingsCommand({ DetectorId, FindingTypes: [type] });
    await guardduty.send(command, { abortSignal: signal });
    return { kind: 'created' };
  });
}
