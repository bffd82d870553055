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
import { instanceDrift } from './describe-drift.ts';
import { callAs, ofSet } from './input.ts';
import type { SetEngine } from './set-engine.ts';
import { getSet, homeOf, isShown } from './set-engine.ts';
import type { OperationResult, StackInstance } from './stack-set.ts';
import { instanceOf, operationOf } from './stack-sets.ts';

const operation = operationsRefusing('ValidationError');

const paged = { MaxResults: count.min(1).max(100).default(100), NextToken: z.string().optional() };
const listSets = z.object({ ...paged, CallAs: callAs, Status: z.enum(['ACTIVE', 'DELETED']).optional() });
const describeInstance = ofSet.extend({ StackInstanceAccount: z.string(), StackInstanceRegion: z.string() });
const ofOperation = ofSet.extend({ OperationId: z.string() });
const filter = z.object({
  Name: z.enum(['DETAILED_STATUS', 'LAST_OPERATION_ID', 'DRIFT_STATUS']),
  Values: z.string(),
});
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
  const filtered = {
    DETAILED_STATUS: detailedStatus,
    LAST_OPERATION_ID: lastOperationId,
    DRIFT_STATUS: instanceDrift(instance).DriftStatus,
  };
  return (
    (StackInstanceAccount ?? account) === account &&
    (StackInstanceRegion ?? region) === region &&
    Filters.every(({ Name, Values }) => Values.split(',').includes(filtered[Name]))
  );
}

/** Operations that read sets. */
export function setReads(engine: SetEngine): Readonly<Record<string, Operation>> {
  const { world, sets } = engine;

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
    DescribeStackSet: operation(ofSet, (request, caller) => ({
      StackSet: describeSet(getSet(engine, caller, request)),
    })),
    ListStackSets: operation(listSets, (request, caller) => {
      const all = sets.list(homeOf(engine, caller, request)).filter((set) => isShown(set, request));
      const wanted = all.filter(({ status }) => (request.Status ?? status) === status);
      const page = pageAsked(wanted, request);
      return { Summaries: page.items.map(summarizeSet), NextToken: page.nextToken };
    }),
    DescribeStackInstance: operation(describeInstance, (request, caller) => {
      const { StackInstanceAccount: account, StackInstanceRegion: region } = request;
      const set = getSet(engine, caller, request);
      const instance = instanceOf(set, { account, region });
      const ParameterOverrides = instance.overrides;
      return { StackInstance: { ...summarizeInstance(set, instance), ParameterOverrides } };
    }),
    ListStackInstances: operation(listInstances, (request, caller) => {
      const set = getSet(engine, caller, request);
      const wanted = [...set.instances.values()].filter((instance) => passes(instance, request));
      const page = pageAsked(wanted, request);
      return {
        Summaries: page.items.map((instance) => summarizeInstance(set, instance)),
        NextToken: page.nextToken,
      };
    }),
    DescribeStackSetOperation: operation(ofOperation, (request, caller) => {
      const set = getSet(engine, caller, request);
      return { StackSetOperation: describeOperation(set, operationOf(set, request.OperationId)) };
    }),
    ListStackSetOperations: operation(listOperations, (request, caller) => {
      const newestFirst = getSet(engine, caller, request).operations.toReversed();
      const page = pageAsked(newestFirst, request);
      return { Summaries: page.items.map(summarizeOperation), NextToken: page.nextToken };
    }),
    ListStackSetOperationResults: operation(listResults, (request, caller) => {
      const { results } = operationOf(getSet(engine, caller, request), request.OperationId);
      const page = pageAsked(visible(results.values(), caller), request);
      return { Summaries: page.items.map(describeResult), NextToken: page.nextToken };
    }),
  };
}
