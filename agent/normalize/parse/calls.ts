import type { ApiCall, DnsRequest, Finding, K8sCall, Login } from '../../model/finding.ts';
import type { JsonObject } from '../../model/json.ts';
import { accountOf, booleanOf, filledObject, integerOf, objectOf, objectsOf, textOf } from '../lenient.ts';
import { filled, present } from '../present.ts';
import { ipsOf } from './address.ts';

/** What was called, looked up or tried. */
export type Calls = Pick<Finding, 'dns' | 'api' | 'k8s' | 'logins'>;

/** `awsApiCallAction`; where it has no user agent, the additional info may have it. */
function apiCallOf(call: JsonObject, additionalInfo: JsonObject): ApiCall {
  const remoteAccount = objectOf(call.remoteAccountDetails);
  return present({
    operation: textOf(call.api),
    service: textOf(call.serviceName),
    errorCode: textOf(call.errorCode),
    userAgent: textOf(call.userAgent) ?? textOf(objectOf(additionalInfo.userAgent).fullUserAgent),
    callerType: textOf(call.callerType),
    callerDomain: textOf(objectOf(call.domainDetails).domain),
    remoteAccount: filled(
      present({
        id: accountOf(remoteAccount.accountId),
        isAffiliated: booleanOf(remoteAccount.affiliated),
        service: textOf(remoteAccount.awsServiceName),
      }),
    ),
    affectedResources: filledObject(call.affectedResources),
  });
}

/** `kubernetesApiCallAction`, with the details of permissions and roles that stand beside it. */
function k8sCallOf(call: JsonObject, action: JsonObject): K8sCall {
  return present({
    verb: textOf(call.verb),
    path: textOf(call.requestUri),
    statusCode: integerOf(call.statusCode),
    userAgent: textOf(call.userAgent),
    resource: textOf(call.resource),
    subresource: textOf(call.subresource),
    resourceName: textOf(call.resourceName),
    namespace: textOf(call.namespace),
    parameters: textOf(call.parameters),
    sourceIps: ipsOf(call.sourceIPs ?? call.sourceIps),
    permissionChecked: filledObject(action.kubernetesPermissionCheckedDetails),
    roleBinding: filledObject(action.kubernetesRoleBindingDetails),
    role: filledObject(action.kubernetesRoleDetails),
  });
}

/** `dnsRequestAction`. */
function dnsRequestOf(request: JsonObject): DnsRequest | undefined {
  const domain = textOf(request.domain) ?? textOf(request.domainWithSuffix);
  if (domain === undefined) return undefined;
  return present({
    domain,
    domainWithSuffix: textOf(request.domainWithSuffix),
    protocol: textOf(request.protocol),
    vpcOwnerAccount: accountOf(request.vpcOwnerAccountId),
  });
}

/** `LoginAttributes` of an `rdsLoginAttemptAction`. */
function loginsOf(attempt: JsonObject): readonly Login[] {
  return objectsOf(attempt.LoginAttributes ?? attempt.loginAttributes).map((login) =>
    present({
      user: textOf(login.user),
      application: textOf(login.application),
      failed: integerOf(login.failedLoginAttempts),
      successful: integerOf(login.successfulLoginAttempts),
    }),
  );
}

/** All that an action holds of these; usually one. */
export function callsOf(action: JsonObject, additionalInfo: JsonObject): Calls {
  const api = filledObject(action.awsApiCallAction);
  const k8s = filledObject(action.kubernetesApiCallAction);
  return present({
    dns: dnsRequestOf(objectOf(action.dnsRequestAction)),
    api: api && apiCallOf(api, additionalInfo),
    k8s: k8s && k8sCallOf(k8s, action),
    logins: loginsOf(objectOf(action.rdsLoginAttemptAction)),
  });
}
