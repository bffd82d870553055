import type { Finding, TypeParts } from '../model/finding.ts';

const GUIDE = 'https://docs.aws.amazon.com/guardduty/latest/ug';

/** The page that lists the types of a resource. Not the place on it: AWS's anchors follow no rule. */
const PAGES: Readonly<Record<string, string>> = {
  EC2: 'guardduty_finding-types-ec2',
  IAMUser: 'guardduty_finding-types-iam',
  Kubernetes: 'guardduty-finding-types-eks-audit-logs',
  Lambda: 'lambda-protection-finding-types',
  RDS: 'findings-rds-protection',
  Runtime: 'findings-runtime-monitoring',
  S3: 'guardduty_finding-types-s3',
};

function malwarePage({ purpose, artifact }: TypeParts): string {
  if (purpose === 'Object' || purpose === 'S3Object') return 'gdu-malware-protection-s3-finding-types';
  return artifact === undefined ? 'findings-malware-protection' : 'findings-malware-protection-backup';
}

function pageOf(parts: TypeParts): string | undefined {
  const { purpose, resource, family } = parts;
  if (purpose === 'AttackSequence') return 'guardduty-attack-sequence-finding-types';
  if (family === 'MaliciousFile' || family === 'SuspiciousFile') return malwarePage(parts);
  return Object.hasOwn(PAGES, resource) ? PAGES[resource] : undefined;
}

/** The page of AWS's user guide on findings like this one, if there is one. */
export function documentationUrl({ parts, customRule }: Finding): string | undefined {
  const page = customRule === undefined ? parts && pageOf(parts) : 'findings-custom-detection-rules';
  return page && `${GUIDE}/${page}.html`;
}
