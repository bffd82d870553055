import type { ResolvedCustomer } from '../config/config.ts';
import { blueprintTags } from './blueprint.ts';
import type { Obstacle } from './obstacle.ts';
import { forwardingParameters } from './parameters.ts';
import type { Target } from './plan.ts';
import type { DeployRequest } from './request.ts';
import { loadTemplate } from './template.ts';

/** The role with which the rules of all regions forward to the hub; nothing where each has its own log group. */
export async function forwardingRequest({
  id,
  stack,
}: ResolvedCustomer): Promise<Pick<DeployRequest, 'forwarding'>> {
  const { hubRegion, prefix, name, tags } = stack;
  if (hubRegion === undefined) return {};
  const parameters = forwardingParameters({ hubRegion, prefix });
  const content = { customer: id, template: await loadTemplate('hub-role'), parameters };
  const forwarding = {
    ...content,
    name: forwardingStackName(name),
    capabilities: ['CAPABILITY_NAMED_IAM' as const],
    tags: blueprintTags({ ...content, tags }),
  };
  return { forwarding };
}

export function forwardingStackName(stackName: string): string {
  return `${stackName}-hub`;
}

/** The targets; where the hub of an account is off, nothing could arrive from its other regions. */
export function reachingHub(targets: readonly Target[], hubRegion: string): readonly Target[] {
  const hubs = targets.filter(({ region, off }) => region === hubRegion && off === undefined);
  const reached = new Set(hubs.map(({ account }) => account));
  const obstacle: Obstacle = {
    reason: `the hub ${hubRegion} is no region that is on in the account`,
    code: 'REG-001',
    fix: `Enable ${hubRegion} in the account, or set another stack.hubRegion, then deploy again.`,
  };
  return targets.map((target) => (reached.has(target.account) ? target : { ...target, obstacle }));
}
