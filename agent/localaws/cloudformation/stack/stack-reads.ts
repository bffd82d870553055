import { z } from 'zod';
import type { Operation } from '../../operation.ts';
import { operationsRefusing } from '../../operation.ts';
import { pageOf } from '../../paging.ts';
import type { Place } from '../../service.ts';
import { invalid } from '../invalid.ts';
import { capabilityFor } from '../specification.ts';
import { describeEvent, describeResource, describeStack } from './describe.ts';
import type { StackEngine } from './engine.ts';
import type { Stack } from './stack.ts';

const operation = operationsRefusing('ValidationError');
const PAGE = { limit: 100, invalidCode: 'ValidationError' };

const named = z.object({ StackName: z.string() });
const describeStacks = z.object({ StackName: z.string().optional(), NextToken: z.string().optional() });
const describeEvents = z.object({ StackName: z.string(), NextToken: z.string().optional() });
const describeResources = z.object({ StackName: z.string(), LogicalResourceId: z.string().optional() });
const validateTemplate = z.object({ TemplateBody: z.string() });

/** Operations that read single stacks and templates. */
export function stackReads({ specifications, stacks }: StackEngine): Readonly<Record<string, Operation>> {
  function selected(place: Place, name: string | undefined): readonly Stack[] {
    return name === undefined ? stacks.list(place) : [stacks.get(place, name)];
  }

  function bodyOf(stack: Stack): string {
    if (stack.spec) return stack.spec.body;
    throw invalid(`Template not found for stack ${stack.name}`);
  }

  return {
    DescribeStacks: operation(describeStacks, ({ StackName, NextToken }, caller) => {
      const page = pageOf(selected(caller, StackName), { ...PAGE, nextToken: NextToken });
      return { Stacks: page.items.map(describeStack), NextToken: page.nextToken };
    }),
    DescribeStackEvents: operation(describeEvents, ({ StackName, NextToken }, caller) => {
      const stack = stacks.get(caller, StackName);
      const page = pageOf(stack.events.toReversed(), { ...PAGE, nextToken: NextToken });
      return {
        StackEvents: page.items.map((event) => describeEvent(stack, event)),
        NextToken: page.nextToken,
      };
    }),
    DescribeStackResources: operation(describeResources, ({ StackName, LogicalResourceId }, caller) => {
      const stack = stacks.get(caller, StackName);
      const wanted = [...stack.resources.values()].filter(
        ({ planned }) => LogicalResourceId === undefined || planned.logicalId === LogicalResourceId,
      );
      return { StackResources: wanted.map((resource) => describeResource(stack, resource)) };
    }),
    GetTemplate: operation(named, ({ StackName }, caller) => ({
      TemplateBody: bodyOf(stacks.get(caller, StackName)),
      StagesAvailable: ['Original', 'Processed'],
    })),
    ValidateTemplate: operation(validateTemplate, ({ TemplateBody }) => {
      const template = specifications.read(TemplateBody);
      const capability = capabilityFor(template);
      return {
        Description: template.Description,
        Capabilities: capability === undefined ? [] : [capability],
        Parameters: [...template.Parameters].map(([ParameterKey, { Default, Description, NoEcho }]) => ({
          ParameterKey,
          DefaultValue: Default,
          Description,
          NoEcho: NoEcho === 'true',
        })),
      };
    }),
  };
}
