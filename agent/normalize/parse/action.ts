import type { Finding } from '../../model/finding.ts';
import { isJsonObject, type JsonObject } from '../../model/json.ts';
import { booleanOf, filledObject, objectOf, textOf } from '../lenient.ts';
import { present } from '../present.ts';
import { type Calls, callsOf } from './calls.ts';
import { callEnds, type Ends, lookUpEnds, NOWHERE, networkEnds, probeEnds, type Scene } from './ends.ts';

/** What happened between whom. */
export type Happened = Pick<Finding, 'actionType' | 'protocol' | 'blocked'> & Ends & Calls;

interface ActionKind {
  readonly member: string;
  ends(member: JsonObject, scene: Scene): Ends;
}

const KINDS: ReadonlyMap<string, ActionKind> = new Map([
  ['NETWORK_CONNECTION', { member: 'networkConnectionAction', ends: networkEnds }],
  ['PORT_PROBE', { member: 'portProbeAction', ends: probeEnds }],
  ['DNS_REQUEST', { member: 'dnsRequestAction', ends: lookUpEnds }],
  ['AWS_API_CALL', { member: 'awsApiCallAction', ends: callEnds }],
  ['KUBERNETES_API_CALL', { member: 'kubernetesApiCallAction', ends: callEnds }],
  ['RDS_LOGIN_ATTEMPT', { member: 'rdsLoginAttemptAction', ends: callEnds }],
]);

/** `service.action`, also where `awsApiCallAction` stands beside it instead of in it. */
function actionIn(service: JsonObject): JsonObject {
  const action = objectOf(service.action);
  const beside = filledObject(service.awsApiCallAction);
  return beside && !isJsonObject(action.awsApiCallAction) ? { ...action, awsApiCallAction: beside } : action;
}

/** The type that the action says it has, else that of its first member. */
function actionTypeOf(action: JsonObject): string | undefined {
  const told = textOf(action.actionType);
  if (told !== undefined) return told;
  for (const [type, { member }] of KINDS) if (isJsonObject(action[member])) return type;
  return undefined;
}

/** What a finding says of an action: its type, its ends, and what was called or looked up. */
export function actionOf(service: JsonObject, resource: JsonObject, additionalInfo: JsonObject): Happened {
  const action = actionIn(service);
  const actionType = actionTypeOf(action);
  const kind = KINDS.get(actionType ?? '');
  const member = kind ? objectOf(action[kind.member]) : {};
  const scene = { instance: objectOf(resource.instanceDetails), resourceRole: service.resourceRole };
  return {
    ...present({ actionType, protocol: textOf(member.protocol), blocked: booleanOf(member.blocked) }),
    ...(kind?.ends(member, scene) ?? NOWHERE),
    ...callsOf(action, additionalInfo),
  };
}
