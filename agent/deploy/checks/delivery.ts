import { type Check, type CheckResult, PASSED, together, unanswered } from './check.ts';
import type { CheckedPlace } from './checked-place.ts';
import type { ExpectedRule } from './expected.ts';
import { deploying, readDeadLetters } from './fixes.ts';
import { FAILURE_HOURS } from './metric-calls.ts';

/** What rules matched, and EventBridge could not deliver. */
export const DELIVERY_CHECKS: readonly Check<CheckedPlace>[] = [
  {
    code: 'EB-003',
    applies: ({ expected }) => expected.deadLetterQueue !== undefined,
    run: checkDeadLetters,
  },
  { code: 'EB-005', applies: ({ expected }) => expected.rules.length > 0, run: checkFailures },
];

async function checkDeadLetters({ expected, calls }: CheckedPlace): Promise<CheckResult> {
  const { deadLetterQueue = '' } = expected;
  const queue = await calls.queue(deadLetterQueue);
  switch (queue.kind) {
    case 'failed':
      return unanswered(queue, queue.right);
    case 'missing':
      return {
        kind: 'failed',
        code: 'EB-003',
        found: `the dead-letter queue ${deadLetterQueue} does not exist`,
        fix: deploying(expected, 'EB-003'),
      };
    case 'queue': {
      const { messages, url } = queue;
      if (messages === 0) return PASSED;
      const events = messages === 1 ? '1 event waits' : `${messages} events wait`;
      const found = `${events} in the dead-letter queue ${deadLetterQueue}: EventBridge could not deliver them`;
      return { kind: 'failed', code: 'EB-003', found, fix: readDeadLetters(url, expected) };
    }
  }
}

async function checkFailures(place: CheckedPlace): Promise<CheckResult> {
  return together(await Promise.all(place.expected.rules.map((rule) => checkRule(rule, place))));
}

async function checkRule({ name }: ExpectedRule, { expected, calls }: CheckedPlace): Promise<CheckResult> {
  const deliveries = await calls.failures(name);
  if (deliveries.kind === 'failed') return unanswered(deliveries, deliveries.right);
  const { failed } = deliveries;
  if (failed === 0) return PASSED;
  const { customer, region } = expected.source;
  return {
    kind: 'failed',
    code: 'EB-005',
    found: `EventBridge could not deliver ${failed === 1 ? '1 event' : `${failed} events`} of rule ${name} in the last ${FAILURE_HOURS} hours`,
    fix: `guardrelay doctor --customer ${customer} --region ${region} --only EB-002,LOG-001,LOG-003`,
  };
}
