import { ask } from '../../aws/ask.ts';
import { createSampleFinding } from '../../aws/create-sample-finding.ts';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import type { FailedCall } from '../../aws/failure.ts';
import { homeRegion } from '../../aws/regions.ts';
import type { RenderableRec } from '../../model/record.ts';
import { callerAccount, deployerScope } from '../deploy/deployer.ts';
import { findInGroup } from './find-in-group.ts';
import type { SentTest, TestSite } from './regions.ts';
import { failedStep, type TestStep } from './steps.ts';

type Sent = Extract<TestStep, { kind: 'sent' | 'failed' }>;

const FIX =
  'Name credentials of the account with --profile that may call guardduty:ListDetectors and guardduty:CreateSampleFindings.';

/** A sample finding, made with the deployer's credentials: by GuardDuty and all that follows. */
export function sampleTest(site: TestSite): SentTest {
  const { context, source, group, session } = site;
  const { signal, argv } = context;
  const { type } = argv;
  const { clients } = session;
  const { partition } = site.scope;
  const scope = { ...deployerScope(partition, argv.profile), account: source.account };
  /** GuardDuty repeats a sample under the same id: what an earlier test has made is known by its log event. */
  const earlier = new Set<string>();

  function isSample(record: RenderableRec): record is Extract<RenderableRec, { kind: 'finding' }> {
    if (record.kind !== 'finding' || !record.finding.sample || record.finding.type !== type) return false;
    return record.account === source.account && record.region === source.region;
  }

  function look(isIt: (record: RenderableRec) => boolean) {
    return findInGroup({ ...group, mark: type, isIt }, signal);
  }

  function remember(record: RenderableRec): false {
    if (isSample(record)) earlier.add(record.origin.eventId);
    return false;
  }

  async function send(): Promise<Sent> {
    const stranger = await strangerIn(site, scope);
    if (stranger) return stranger;
    await look(remember);
    const made = await createSampleFinding({ clients, scope, region: source.region, signal }, type);
    switch (made.kind) {
      case 'created':
        return { kind: 'sent', by: 'guardduty' };
      case 'no-detector':
        return noDetector(site);
      case 'failed':
        return failedStep('sent', made.failure, FIX);
    }
  }

  return {
    ...{ what: `sample finding ${type}`, send },
    stored: () => look((record) => isSample(record) && !earlier.has(record.origin.eventId)),
  };
}

/** A finding in another account would come through another log group, or through none. */
async function strangerIn(
  { session, context, source }: TestSite,
  scope: CredentialScope,
): Promise<Sent | undefined> {
  const { clients } = session;
  const { signal } = context;
  const region = homeRegion(scope.partition);
  const call = { what: 'GetCallerIdentity' };
  const caller: { kind: 'caller'; account: string } | FailedCall = await ask(
    { clients, scope, region, call, signal },
    async () => ({ kind: 'caller', account: await callerAccount(clients.sts(scope, region), signal) }),
  );
  if (caller.kind === 'failed') return failedStep('sent', caller.failure, FIX);
  if (caller.account === source.account) return undefined;
  const why = `these credentials belong to account ${caller.account}, not to ${source.account}`;
  return { kind: 'failed', leg: 'sent', code: 'AUTH-001', why, fix: FIX, isRefusal: true };
}

function noDetector({ source: { account, region, customer } }: TestSite): Sent {
  const why = `GuardDuty is not switched on in ${account} ${region}`;
  const fix = `guardrelay doctor --customer ${customer} --only GD-001 --fix`;
  return { kind: 'failed', leg: 'sent', code: 'GD-001', why, fix, isRefusal: false };
}
