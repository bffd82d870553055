import { type StackFacts, stackState } from '../model/stack-facts.ts';
import type { Condition } from '../notify/condition.ts';
import type { Names } from './source-conditions.ts';

/** Stacks of an earlier release or configuration: they collect, but not what they should. */
export function stackConditions(stacks: readonly StackFacts[], names: Names): readonly Condition[] {
  return stacks
    .filter((stack) => stackState(stack) === 'outdated')
    .map((stack) => {
      const { customer, account, region } = stack;
      return {
        ...{ type: 'stack.outdated', code: 'CFN-004', region, reason: differenceOf(stack) },
        subject: `stack/${customer}/${account}/${region}`,
        cause: `${customer}/stack.outdated/CFN-004`,
        customers: [names.customer(customer)],
        account: names.account(customer, account),
      };
    });
}

function differenceOf({ stack, seen, expected }: StackFacts): string {
  const { version = 'an unknown release' } = seen ?? {};
  if (version === expected.version) return `stack ${stack} was deployed with another configuration`;
  return `stack ${stack} was deployed by ${version}; this is ${expected.version}`;
}
