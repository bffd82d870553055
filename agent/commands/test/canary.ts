import { putCanary } from '../../aws/put-canary.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';
import { findInGroup } from './find-in-group.ts';
import type { SentTest, TestSite } from './regions.ts';
import { failedStep } from './steps.ts';

/** A canary that the agent makes a notice of: by event bus, findings rule and log group. */
export function canaryTest(site: TestSite): SentTest {
  const { context, session, customer, source, scope, group } = site;
  const { clients, canaries, clock } = session;
  if (!canaries) throw new Error('there is no store whose secret signs canaries');
  refuseOthersRules(site);
  const { signal } = context;
  const detail = canaries.issue(source, clock.now(), true);
  const { id } = detail;
  return {
    ...{ id, what: `test id ${id}` },
    async send() {
      const answer = await putCanary({ clients, scope, region: source.region, signal }, detail);
      if (answer.kind === 'put') return { kind: 'sent', by: 'events' };
      return failedStep('sent', answer.failure, fixOf(answer.failure.cause, customer.id));
    },
    stored: () => findInGroup({ ...group, mark: id, isIt: ({ key }) => key === id }, signal),
  };
}

/** A canary passes only where our own findings rule does. */
function refuseOthersRules({ customer: { id, stack, collect } }: TestSite): void {
  if (stack.mode !== 'existing' && collect.findings) return;
  const why =
    stack.mode === 'existing'
      ? 'stack.mode is existing, so the rules are of others'
      : 'collect.findings is false';
  throw new GuardrelayError('CLI-001', `Customer ${id} has no findings rule of ours: ${why}`, {
    exitCode: EXIT.usage,
    fix: 'Test with: guardrelay test --via guardduty, or --via agent',
  });
}

function fixOf(cause: string, customer: string): string {
  if (cause !== 'denied') return `guardrelay doctor --customer ${customer}`;
  return 'Let the reader role put canaries (AllowCanary=true), or test with: guardrelay test --via guardduty';
}
