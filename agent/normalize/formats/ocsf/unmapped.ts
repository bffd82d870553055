import type { Finding } from '../../../model/finding.ts';
import { filled } from '../../present.ts';
import { filledList } from './attribute.ts';

function kubernetesOf({ k8s }: Finding) {
  if (!k8s) return undefined;
  return filled({
    resource: k8s.resource,
    subresource: k8s.subresource,
    resource_name: k8s.resourceName,
    namespace: k8s.namespace,
    parameters: k8s.parameters,
    permission_checked: k8s.permissionChecked,
    role_binding: k8s.roleBinding,
    role: k8s.role,
  });
}

/** What a finding says that OCSF has no attribute for. */
export function unmappedOf(finding: Finding, adminAccount: string | undefined) {
  const { api, sequence } = finding;
  return filled({
    admin_account_id: adminAccount,
    action_type: finding.actionType,
    resource_type: finding.resourceType,
    caller_type: api?.callerType,
    caller_domain: api?.callerDomain,
    remote_account: api?.remoteAccount && filled(api.remoteAccount),
    affected_resources: api?.affectedResources && filled(api.affectedResources),
    kubernetes: kubernetesOf(finding),
    logins: filledList(finding.logins),
    runtime_context: finding.runtimeContext && filled(finding.runtimeContext),
    tool_name: finding.toolName,
    sequence_indicators: sequence && filledList(sequence.indicators),
    sequence_types: sequence && filledList(sequence.additionalTypes),
    threat_intel: filledList(finding.threatIntel),
    additional_info: filled(finding.additionalInfo),
  });
}
