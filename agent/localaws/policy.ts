import { z } from 'zod';
import type { Access } from './service.ts';
import { AwsError } from './service.ts';

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const OPERATORS = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'ArnEquals',
  'ArnLike',
] as const;

interface Operator {
  readonly negated: boolean;
  test(wanted: string, actual: string): boolean;
}

const equals = (wanted: string, actual: string): boolean => wanted === actual;
const CONDITIONS: Readonly<Record<(typeof OPERATORS)[number], Operator>> = {
  StringEquals: { negated: false, test: equals },
  StringNotEquals: { negated: true, test: equals },
  StringLike: { negated: false, test: wildcardMatches },
  StringNotLike: { negated: true, test: wildcardMatches },
  ArnEquals: { negated: false, test: arnMatches },
  ArnLike: { negated: false, test: arnMatches },
};

/** The part of the policy language that the templates use. Whatever else a policy says is refused, not ignored. */
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.union([z.literal('*'), z.record(z.string(), oneOrMany)]).optional(),
  Action: oneOrMany,
  Resource: oneOrMany.optional(),
  Condition: z.partialRecord(z.enum(OPERATORS), z.record(z.string(), oneOrMany)).optional(),
});

const policyDocument = z.strictObject({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: z.union([statement.transform((only) => [only]), z.array(statement)]),
});

type Statement = z.output<typeof statement>;
export type Policy = z.output<typeof policyDocument>;

/** Who asks: a service by its host name, or an ARN. */
type Principal = { readonly service: string } | { readonly arn: string };

/** One question to a policy. Without a principal the policy is one of the asker's own. */
export interface PolicyRequest extends Access {
  readonly action: string;
  readonly principal?: Principal;
}

/** Reads a policy document, given as JSON text or as an object; throws an AwsError with this code. */
export function parsePolicy(document: unknown, code = 'MalformedPolicyDocument'): Policy {
  const parsed = policyDocument.safeParse(typeof document === 'string' ? fromJson(document, code) : document);
  if (parsed.success) return parsed.data;
  throw new AwsError(code, `The policy document is not valid: ${z.prettifyError(parsed.error)}`);
}

function fromJson(text: string, code: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError(code, 'The policy document is not valid JSON.');
  }
}

/** Whether the policies together allow a request: one statement allows it and none denies it. */
export function isAllowed(policies: readonly Policy[], request: PolicyRequest): boolean {
  const effects = policies
    .flatMap((policy) => policy.Statement)
    .filter((candidate) => applies(candidate, request))
    .map((candidate) => candidate.Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

function applies(candidate: Statement, request: PolicyRequest): boolean {
  return (
    candidate.Action.some((action) => wildcardMatches(action.toLowerCase(), request.action.toLowerCase())) &&
    resourceMatches(candidate.Resource, request.resource) &&
    principalMatches(candidate.Principal, request.principal) &&
    conditionsHold(candidate.Condition, request.context ?? {})
  );
}

/** A trust policy has no Resource; an action without a resource needs `*`. */
function resourceMatches(patterns: readonly string[] | undefined, resource = '*'): boolean {
  return patterns?.some((pattern) => wildcardMatches(pattern, resource)) ?? true;
}

function principalMatches(allowed: Statement['Principal'], principal: Principal | undefined): boolean {
  if (!principal || allowed === '*') return true;
  if (!allowed) return false;
  if ('service' in principal) return allowed.Service?.includes(principal.service) ?? false;
  return allowed.AWS?.some((pattern) => isPrincipal(pattern, principal.arn)) ?? false;
}

/** A whole account, a user, a role (standing for each of its sessions) or one session. */
function isPrincipal(pattern: string, arn: string): boolean {
  if (pattern === '*' || pattern === arn) return true;
  const [, , , , account = '', name = ''] = arn.split(':');
  if (pattern === account || pattern.endsWith(`:iam::${account}:root`)) return true;
  const [kind, roleName] = name.split('/');
  const [, , service, , patternAccount, patternName = ''] = pattern.split(':');
  return (
    kind === 'assumed-role' &&
    service === 'iam' &&
    patternAccount === account &&
    patternName.startsWith('role/') &&
    patternName.split('/').at(-1) === roleName
  );
}

function conditionsHold(
  conditions: Statement['Condition'],
  context: Readonly<Record<string, string>>,
): boolean {
  return OPERATORS.every((operator) =>
    Object.entries(conditions?.[operator] ?? {}).every(([key, wanted]) => {
      const { test, negated } = CONDITIONS[operator];
      const actual = context[key];
      return (actual !== undefined && wanted.some((value) => test(value, actual))) !== negated;
    }),
  );
}

/** `*` stands for any text, `?` for any one character. */
function wildcardMatches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}

/** In an ARN a wildcard does not reach over the colons between its first six parts. */
function arnMatches(pattern: string, arn: string): boolean {
  const parts = (text: string): readonly string[] => {
    const [a = '', b = '', c = '', d = '', e = '', ...rest] = text.split(':');
    return [a, b, c, d, e, rest.join(':')];
  };
  const actual = parts(arn);
  return parts(pattern).every((part, index) => wildcardMatches(part, actual[index] ?? ''));
}
