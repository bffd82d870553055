import { z } from 'zod';

import type { Clock } from '../../model/clock.ts';
import { AwsError } from '../service.ts';
import type { LogGroup } from './groups.ts';

/** A retention policy of the account as DescribeAccountPolicies shows it. */
interface AccountPolicy {
  readonly policyName: string;
  readonly policyDocument: string;
  readonly policyType: 'RETENTION_POLICY';
  readonly scope: 'ALL';
  readonly selectionCriteria?: string;
  readonly accountId: string;
  /** Epoch ms. */
  readonly lastUpdatedTime: number;
}

type Group = Pick<LogGroup, 'name' | 'creationTime' | 'retentionInDays'>;

/** What decides how long a group keeps its events. */
export interface Retention {
  /** Absent: for ever. */
  readonly retentionInDays?: number;
  /** Of the account; absent: the group's own setting. */
  readonly retentionPolicyName?: string;
}

/** The account-level retention policies of one account and region. */
export interface AccountRetention {
  put(policyName: string, policyDocument: string, selectionCriteria?: string): AccountPolicy;
  /** Throws ResourceNotFoundException. */
  delete(policyName: string): void;
  list(): readonly AccountPolicy[];
  /** What is in force for a group now: the longest policy of the account, else its own setting. */
  of(group: Group): Retention;
}

/** API reference of PutAccountPolicy, "Retention policy". */
const MAX_POLICIES = 20;
const DELAY_MS = 24 * 3_600_000;
const DAYS = [30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const rule = z.strictObject({
  retentionInDays: z.union([
    z.literal('NEVER_EXPIRE').transform(() => Number.POSITIVE_INFINITY),
    z.literal(DAYS),
  ]),
  enforcementMode: z.enum(['NEW_ONLY', 'RETROACTIVE']),
});

interface Version {
  readonly shown: AccountPolicy;
  readonly rule: z.output<typeof rule>;
  /** Empty: all names. */
  readonly prefixes: readonly string[];
  readonly inForceFrom: number;
}

/** A policy and its changes, oldest first. */
interface Stored {
  readonly createdAt: number;
  readonly versions: Version[];
}

function refused(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused('The policy document is not valid JSON.');
  }
}

function readRule(document: string): Version['rule'] {
  const read = rule.safeParse(fromJson(document));
  if (read.success) return read.data;
  throw refused(`The policy document is not valid: ${z.prettifyError(read.error)}`);
}

function readPrefixes(criteria: string | undefined): readonly string[] {
  if (criteria === undefined) return [];
  const [, list] = /^LogGroupNamePrefix IN (\[.+\])$/s.exec(criteria) ?? [];
  const prefixes = z
    .array(z.string().min(1))
    .min(1)
    .safeParse(list && fromJson(list));
  if (prefixes.success) return prefixes.data;
  throw refused('A retention policy selects log groups by LogGroupNamePrefix IN ["…"] only.');
}

/** No policies to begin with. */
export function createAccountRetention(accountId: string, { now }: Pick<Clock, 'now'>): AccountRetention {
  const policies = new Map<string, Stored>();

  /** A change waits a day, and until then the version before it goes on. */
  function inForce({ versions }: Stored): Version | undefined {
    return versions.findLast(({ inForceFrom }) => inForceFrom <= now());
  }

  function concerns(
    { rule: { enforcementMode }, prefixes }: Version,
    group: Group,
    createdAt: number,
  ): boolean {
    const isSelected = prefixes.length === 0 || prefixes.some((prefix) => group.name.startsWith(prefix));
    return isSelected && (enforcementMode === 'RETROACTIVE' || group.creationTime > createdAt);
  }

  function longest(group: Group): Version | undefined {
    const all = [...policies.values()].flatMap((stored) => {
      const version = inForce(stored);
      return version && concerns(version, group, stored.createdAt) ? [version] : [];
    });
    const days = Math.max(...all.map((version) => version.rule.retentionInDays));
    return all.find((version) => version.rule.retentionInDays === days);
  }

  return {
    put(policyName, policyDocument, selectionCriteria) {
      const parsed = { rule: readRule(policyDocument), prefixes: readPrefixes(selectionCriteria) };
      const known = policies.get(policyName) ?? { createdAt: now(), versions: [] };
      if (!policies.has(policyName) && policies.size >= MAX_POLICIES) {
        throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
      }
      const shown: AccountPolicy = {
        ...{ policyName, policyDocument, policyType: 'RETENTION_POLICY', scope: 'ALL', accountId },
        ...(selectionCriteria === undefined ? {} : { selectionCriteria }),
        lastUpdatedTime: now(),
      };
      known.versions.push({ ...parsed, shown, inForceFrom: now() + DELAY_MS });
      policies.set(policyName, known);
      return shown;
    },
    delete(policyName) {
      if (policies.delete(policyName)) return;
      throw new AwsError('ResourceNotFoundException', `Policy with name [${policyName}] does not exist`);
    },
    list: () => [...policies.values()].flatMap(({ versions }) => versions.at(-1)?.shown ?? []),
    of(group) {
      const policy = longest(group);
      const days = policy ? policy.rule.retentionInDays : group.retentionInDays;
      return {
        ...(days === undefined || days === Number.POSITIVE_INFINITY ? {} : { retentionInDays: days }),
        ...(policy === undefined ? {} : { retentionPolicyName: policy.shown.policyName }),
      };
    },
  };
}
