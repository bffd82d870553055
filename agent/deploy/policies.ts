import { readFile } from 'node:fs/promises';

import { z } from 'zod';

const oneOrMany = z.union([z.string(), z.array(z.string())]);
const statement = z.strictObject({
  Sid: z.string(),
  Effect: z.literal('Allow'),
  Action: z.array(z.string()),
  Resource: oneOrMany,
  Condition: z.exactOptional(z.record(z.string(), z.record(z.string(), oneOrMany))),
});
const policy = z.strictObject({ Version: z.literal('2012-10-17'), Statement: z.array(statement) });

/** What a principal may do, as IAM takes it. */
export type Policy = z.output<typeof policy>;

/** What the placeholders of the published policies stand for. */
export interface PolicyScope {
  readonly partition: string;
  /** In which the principal lives. */
  readonly account: string;
  readonly prefix: string;
  /** Start of the names of the log groups. */
  readonly logGroup: string;
  /** Start of the names of stacks and StackSets. */
  readonly stackName: string;
}

interface Source {
  readonly file: string;
  /** Only the statements whose Sid matches. */
  readonly only?: RegExp;
}

const OPTIONAL = 'reader-policy-optional';
const SOURCES = {
  relay: { file: 'relay-policy' },
  reader: { file: 'reader-policy' },
  canary: { file: OPTIONAL, only: /^Canary$/ },
  doctor: { file: OPTIONAL, only: /^Doctor/ },
  backfill: { file: OPTIONAL, only: /^Backfill/ },
  'account-names': { file: OPTIONAL, only: /^AccountNames$/ },
  deployer: { file: 'deployer-policy' },
  repair: { file: 'repair-policy' },
  accounts: { file: 'accounts-policy', only: /^(Administer|See)/ },
  accept: { file: 'accounts-policy', only: /^(Accept|See)/ },
  organizations: { file: 'deployer-policy-optional' },
  'stackset-administration': { file: 'stackset-administration-policy' },
  'stackset-execution': { file: 'stackset-execution-policy' },
  'stackset-execution-reader': { file: 'stackset-execution-policy-optional', only: /^ReaderRole$/ },
  'stackset-execution-forwarding': { file: 'stackset-execution-policy-optional', only: /^ForwardingRole$/ },
} as const satisfies Readonly<Record<string, Source>>;

export type PolicyName = keyof typeof SOURCES;

/** A policy from `templates/`, for these accounts and names. */
export async function loadPolicy(name: PolicyName, scope: PolicyScope): Promise<Policy> {
  const { file, only }: Source = SOURCES[name];
  const text = await readFile(new URL(`../../templates/${file}.json`, import.meta.url), 'utf8');
  const whole = policy.parse(
    JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' ? filled(value, scope) : value)),
  );
  return { ...whole, Statement: whole.Statement.filter(({ Sid }) => only?.test(Sid) ?? true) };
}

function filled(text: string, { partition, account, prefix, logGroup, stackName }: PolicyScope): string {
  const values: Readonly<Record<string, string>> = {
    Partition: partition,
    Account: account,
    Prefix: prefix,
    LogGroup: logGroup,
    StackName: stackName,
  };
  return text.replace(/\$\{(\w+)\}/g, (_whole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`a published policy names ${name}, which has no value`);
    return value;
  });
}
