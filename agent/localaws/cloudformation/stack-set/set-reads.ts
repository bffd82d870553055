import { z } from 'zod';
import type { Operation } from '../../operation.ts';
import { operationsRefusing } from '../../operation.ts';
import { pageOf } from '../../paging.ts';
import type { Caller } from '../../service.ts';
import { count, listOf } from '../input.ts';
import {
  describeOperation,
  describeResult,
  describeSet,
  summarizeInstance,
  summarizeOperation,
  summarizeSet,
} from './describe.ts';
import { ofSet } from './input.ts';
import type { SetEngine } from './set-engine.ts';
import type { OperationResult, StackInstance } from './stack-set.ts';
import { instanceOf, operationOf } from './stack-sets.ts';

const operation = operationsRefusing('ValidationError');

const paged = { MaxResults: count.min(1).max(100).default(100), NextToken: z.string().optional() };
const listSets = z.object({ ...paged, Status: z.enum(['ACTIVE', 'DELETED']).optional() });
const describeInstance = ofSet.extend({ StackInstanceAccount: z.string(), StackInstanceRegion: z.string() });
const ofOperation = ofSet.extend({ OperationId: z.string() });
const filter = z.object({ Name: z.enum(['DETAILED_STATUS', 'LAST_OPERATION_ID']), Values: z.string() });
const listInstances = ofSet.extend({
  ...paged,
  Filters: listOf(filter).default([]),
  StackInstanceAccount: z.string().optional(),
  StackInstanceRegion: z.string().optional(),
});
const listOperations = ofSet.extend(paged);
const listResults = ofOperation.extend(paged);

function pageAsked<Item>(
  items: readonly Item[],
  { MaxResults: limit, NextToken: nextToken }: { MaxResults: number; NextToken?: string | undefined },
) {
  return pageOf(items, { limit, nextToken, invalidCode: 'ValidationError' });
}

function passes(
  instance: StackInstance,
  { Filters, StackInstanceAccount, StackInstanceRegion }: z.output<typeof listInstances>,
): boolean {
  const { account, region, detailedStatus, lastOperationId } = instance;
  return (
    (StackInstanceAccount ?? account) === account &&
    (StackInstanceRegion ?? region) === region &&
    Filters.every(({ Name, Values }) =>
      Values.split(',').includes(Name === 'DETAILED_STATUS' ? detailedStatus : lastOperationId),
    )
  );
}

/** Operations that read sets. */
export function setReads({ world, sets }: SetEngine): Readonly<Record<string, Operation>> {
  /** The list of results is eventually consistent: a `visibility-delay` lets it lag behind the operation. */
  function visible(
    results: Iterable<OperationResult>,
    { account, region }: Caller,
  ): readonly OperationResult[] {
    const site = { service: 'cloudformation', operation: 'ListStackSetOperationResults', account, region };
    const lagMs = world.faults.take(site, 'visibility-delay')?.ms ?? 0;
    return [...results].filter(({ changedAt }) => changedAt <= world.clock.now() - lagMs);
  }

  return {
    DescribeStackSet: operation(ofSet, ({ StackSetName }, caller) => ({
      StackSet: describeSet(sets.get(caller, StackSetName)),
    })),
    ListStackSets: operation(listSets, ({ Status, MaxResults, NextToken }, caller) => {
      const wanted = sets.list(caller).filter(({ status }) => (Status ?? status) === status);
      const page = pageAsked(wanted, { MaxResults, NextToken });
      return { Summaries: page.items.map(summarizeSet), NextToken: page.nextToken };
    }),
    DescribeStackInstance: operation(describeInstance, (request, caller) => {
      const { StackSetName, StackInstanceAccount: account, StackInstanceRegion: region } = request;
      const set = sets.get(caller, StackSetName);
      const instance = instanceOf(set, { account, region });
      const ParameterOverrides = instance.overrides;
      return { StackInstance: { ...summarizeInstance(set, instance), ParameterOverrides } };
    }),
    ListStackInstances: operation(listInstances, (request, caller) => {
      const set = sets.get(caller, request.StackSetName);
      const wanted = [...set.instances.values()].filter((instance) => passes(instance, request));
      const page = pageAsked(wanted, request);
      return {
        Summaries: page.items.map((instance) => summarizeInstance(set, instance)),
        NextToken: page.nextToken,
      };
    }),
    DescribeStackSetOperation: operation(ofOperation, ({ StackSetName, OperationId }, caller) => {
      const set = sets.get(caller, StackSetName);
      return { StackSetOperation: describeOperation(set, operationOf(set, OperationId)) };
    }),
    ListStackSetOperations: operation(listOperations, ({ StackSetName, MaxResults, NextToken }, caller) => {
      const newestFirst = sets.get(caller, StackSetName).operations.toReversed();
      const page = pageAsked(newestFirst, { MaxResults, NextToken });
      return { Summaries: page.items.map(summarizeOperation), NextToken: page.nextToken };
    }),
    ListStackSetOperationResults: operation(listResults, (request, caller) => {
      const { results } = operationOf(sets.get(caller, request.StackSetName), request.OperationId);
      const page = pageAsked(visible(results.values(), caller), request);
      return { Summaries: page.items.map(describeResult), NextToken: page.nextToken };
    }),
  };
}
