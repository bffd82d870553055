import {
  type Finding,
  GetFindingsCommand,
  type GuardDutyClient,
  ListDetectorsCommand,
  ListFindingsCommand,
} from '@aws-sdk/client-guardduty';

import { askPaced } from './ask-paced.ts';
import type { Bucket } from './bucket.ts';
import type { AwsClients } from './clients.ts';
import type { CredentialScope } from './credential-scope.ts';
import type { FailedCall } from './failure.ts';

export interface ExistingFindingsOptions {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly region: string;
  /** For every call to GuardDuty there. */
  readonly pace: Bucket;
  /** Epoch ms: findings updated then or later. */
  readonly updatedSince: number;
}

interface Detectors {
  readonly kind: 'detectors';
  /** None: GuardDuty is off. AWS allows one. */
  readonly ids: readonly string[];
}

interface FindingIds {
  readonly kind: 'ids';
  readonly ids: readonly string[];
  /** Absent: the last page. */
  readonly nextToken?: string;
}

interface Findings {
  readonly kind: 'findings';
  readonly findings: readonly Finding[];
}

/** AWS's largest page, and the most that GetFindings takes. */
const PAGE_FINDINGS = 50;

/**
 * The findings that GuardDuty still keeps in one account and region, the oldest update first: its detectors, then by
 * turns a page of ids and the findings they name. Ends with the first failure; never throws for what AWS did.
 */
export async function* existingFindings(
  options: ExistingFindingsOptions,
  signal: AbortSignal,
): AsyncGenerator<Detectors | FindingIds | Findings | FailedCall, void> {
  const detectors = await listDetectors(options, signal);
  yield detectors;
  if (detectors.kind === 'failed') return;
  for (const detectorId of detectors.ids) {
    let nextToken: string | undefined;
    do {
      const page = await listFindings(options, { detectorId, nextToken }, signal);
      yield page;
      if (page.kind === 'failed') return;
      const findings = await getFindings(options, { detectorId, ids: page.ids }, signal);
      yield findings;
      if (findings.kind === 'failed') return;
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
}

function listDetectors(
  options: ExistingFindingsOptions,
  signal: AbortSignal,
): Promise<Detectors | FailedCall> {
  return paced('ListDetectors', { ...options, signal }, async (client) => {
    const { DetectorIds = [] } = await client.send(new ListDetectorsCommand({}), { abortSignal: signal });
    return { kind: 'detectors', ids: DetectorIds };
  });
}

function listFindings(
  options: ExistingFindingsOptions,
  { detectorId, nextToken }: { readonly detectorId: string; readonly nextToken: string | undefined },
  signal: AbortSignal,
): Promise<FindingIds | FailedCall> {
  const command = new ListFindingsCommand({
    DetectorId: detectorId,
    MaxResults: PAGE_FINDINGS,
    FindingCriteria: { Criterion: { updatedAt: { GreaterThanOrEqual: options.updatedSince } } },
    SortCriteria: { AttributeName: 'updatedAt', OrderBy: 'ASC' },
    NextToken: nextToken,
  });
  return paced('ListFindings', { ...options, signal }, async (client) => {
    const { FindingIds = [], NextToken } = await client.send(command, { abortSignal: signal });
    return { kind: 'ids', ids: FindingIds, ...(NextToken ? { nextToken: NextToken } : {}) };
  });
}

function getFindings(
  options: ExistingFindingsOptions,
  { detectorId, ids }: { readonly detectorId: string; readonly ids: readonly string[] },
  signal: AbortSignal,
): Promise<Findings | FailedCall> {
  if (ids.length === 0) return Promise.resolve({ kind: 'findings', findings: [] });
  const command = new GetFindingsCommand({ DetectorId: detectorId, FindingIds: [...ids] });
  return paced('GetFindings', { ...options, signal }, async (client) => {
    const { Findings = [] } = await client.send(command, { abortSignal: signal });
    return { kind: 'findings', findings: Findings };
  });
}

interface Paced extends ExistingFindingsOptions {
  readonly signal: AbortSignal;
}

function paced<T extends { readonly kind: string }>(
  action: string,
  { clients, scope, region, pace, signal }: Paced,
  send: (client: GuardDutyClient) => Promise<T>,
): Promise<T | FailedCall> {
  const call = { what: `${action} of ${scope.account} ${region}` };
  return askPaced({ clients, scope, region, call, signal }, pace, () =>
    send(clients.guardduty(scope, region)),
  );
}
