import type { Finding } from '../../../model/finding.ts';

const OF_ACTION: Readonly<Record<string, readonly string[]>> = {
  NETWORK_CONNECTION: ['network'],
  PORT_PROBE: ['network'],
  DNS_REQUEST: ['network'],
  RDS_LOGIN_ATTEMPT: ['authentication', 'database'],
  AWS_API_CALL: ['api'],
  KUBERNETES_API_CALL: ['api'],
};

/** Purposes and families that tell of malware, whether or not a scan has found it. */
const MALWARE_PURPOSES = new Set(['Backdoor', 'CryptoCurrency', 'Trojan']);
const MALWARE_FAMILIES = new Set(['MaliciousFile', 'MaliciousObject', 'SuspiciousFile']);

function isMalware({ threats, files, parts }: Finding): boolean {
  if (threats.length > 0 || files.some(({ threat }) => threat !== undefined)) return true;
  return parts !== undefined && (MALWARE_PURPOSES.has(parts.purpose) || MALWARE_FAMILIES.has(parts.family));
}

function actionCategories(actionType = ''): readonly string[] {
  return (Object.hasOwn(OF_ACTION, actionType) && OF_ACTION[actionType]) || [];
}

/** ECS knows a closed list of categories. */
export function categoriesOf(finding: Finding): readonly string[] {
  return [
    'intrusion_detection',
    ...actionCategories(finding.actionType),
    ...(isMalware(finding) ? ['malware'] : []),
    ...(finding.process ? ['process'] : []),
  ];
}
