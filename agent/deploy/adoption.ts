import type { Blueprint } from './blueprint.ts';
import type { Parameters } from './parameters.ts';
import type { InstanceResult } from './result.ts';

/** Told of a stack that writes into a log group which was there before it. */
export const ADOPTED = 'adopted the log group that was there';

/** Some handlers give the identifier as JSON, and CloudFormation's own check the bare name. */
const EXISTS =
  /'AWS::Logs::LogGroup' with identifier '(?:\{"[^"]+":")?(?<name>[^'"]+)(?:"\})?' already exists/;
/** CloudFormation's check before it makes anything may name nothing at all. */
const EXISTENCE_CHECK = /AWS::EarlyValidation::ResourceExistenceCheck/;

/** AWS's refusal means that the log group of this stack is there already, or may mean that. */
export function meetsLogGroup(
  reason: string | undefined,
  { parameters }: Pick<Blueprint, 'parameters'>,
): boolean {
  if (reason === undefined) return false;
  const name = EXISTS.exec(reason)?.groups?.name;
  return name === undefined ? EXISTENCE_CHECK.test(reason) : name === parameters.LogGroupName;
}

/** A failure that ends well if the stack writes into the log group that is there, which needs a policy of its own. */
export function isAdoptable({ status, reason }: InstanceResult, blueprint: Blueprint): boolean {
  const { LogPolicyScope } = blueprint.parameters;
  return status === 'failed' && LogPolicyScope === 'Account' && meetsLogGroup(reason, blueprint);
}

/** A stack with these parameters writes into a log group that was there before it. */
export function isAdopter({ LogGroupName, ExistingLogGroupName }: Parameters): boolean {
  return LogGroupName !== undefined && LogGroupName === ExistingLogGroupName;
}

/** The parameters by which a stack of the regional template writes into the log group that is there. */
export function adoptionOverrides({ parameters: { LogGroupName = '' } }: Blueprint): Parameters {
  return { ExistingLogGroupName: LogGroupName };
}
