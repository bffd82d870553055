import { findRegion, isPartition } from '../../aws/regions.ts';
import { loadPolicy, type PolicyName, type PolicyScope } from '../../deploy/policies.ts';
import { isTrustName, trustPolicy } from '../../deploy/trust-policies.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';

export interface PrintPolicyOptions extends PolicyScope {
  readonly for: PolicyName;
  readonly trust: boolean;
  readonly principal?: string | undefined;
  /** Names with commas between them. */
  readonly optInRegions?: string | undefined;
}

/** The document goes to stdout, what is still to be filled in to stderr. */
export async function printPolicy(options: PrintPolicyOptions): Promise<void> {
  checkScope(options);
  // A configured name may end in `*`; the policies add their own.
  const scope = { ...options, logGroup: options.logGroup.replace(/\*$/, '') };
  const document = options.trust ? trustOf(scope) : await loadPolicy(options.for, scope);
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  if (options.trust && options.for === 'reader') {
    process.stderr.write("Put the customer's ExternalId in its place: nobody can assume the role before.\n");
  }
}

function trustOf({ for: name, principal = '', optInRegions = '', ...scope }: PrintPolicyOptions): unknown {
  if (!isTrustName(name)) {
    throw usage(
      `--trust: ${name} is a policy for a principal that exists already`,
      'Leave --trust out, or name reader, stackset-administration or stackset-execution.',
    );
  }
  if (name !== 'stackset-administration' && !/^arn:[^:]+:iam::\d{12}:(role|user)\/.+$/.test(principal)) {
    throw usage(
      `--principal "${principal}" is not the ARN of a role or user`,
      'Name who assumes the role, such as --principal arn:aws:iam::999999999999:role/guardrelay.',
    );
  }
  return trustPolicy(name, { ...scope, principal, optInRegions: regionsIn(optInRegions) });
}

function regionsIn(list: string): readonly string[] {
  const regions = list === '' ? [] : list.split(',').map((region) => region.trim());
  const unknown = regions.find((region) => !findRegion(region)?.optIn);
  if (unknown === undefined) return regions;
  throw usage(
    `--opt-in-regions: "${unknown}" is no region that is off by default`,
    'Name opt-in regions only.',
  );
}

function checkScope({ account, partition }: PolicyScope): void {
  if (!/^\d{12}$/.test(account)) {
    throw usage(`--account "${account}" is not the id of an account`, 'Name it with its 12 digits.');
  }
  if (isPartition(partition)) return;
  throw usage(
    `--partition "${partition}" does not exist`,
    'Name aws, aws-cn, aws-us-gov, aws-eusc or another partition of AWS.',
  );
}

function usage(message: string, fix: string): GuardrelayError {
  return new GuardrelayError('CLI-001', message, { exitCode: EXIT.usage, fix });
}
