import { z } from 'zod';

import type { Expected } from './expected.ts';
import { parsedJson } from './json-text.ts';

/** EventBridge writes as the first and hands over to the second: without either nothing arrives and nothing fails. */
const WRITERS = ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] as const;
const CREATE = 'logs:CreateLogStream';
const PUT = 'logs:PutLogEvents';

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

/** As far as a check can judge it: whatever else a statement says, it is not counted on. */
const statement = z.object({
  Effect: z.string(),
  Principal: z.union([z.literal('*'), z.object({ Service: oneOrMany.default([]) })]),
  Action: oneOrMany,
  Resource: oneOrMany,
  Condition: z.record(z.string(), z.record(z.string(), oneOrMany)).default({}),
});
const policyDocument = z.object({
  Statement: z.union([z.array(z.unknown()), z.unknown().transform((only) => [only])]),
});

type Statement = z.output<typeof statement>;
type Bound = Pick<Expected, 'groupArn' | 'rules' | 'source'>;

interface Write {
  readonly service: (typeof WRITERS)[number];
  readonly action: typeof CREATE | typeof PUT;
  /** EventBridge names the rule when it puts events, not when it makes a stream. */
  readonly ruleArn?: string;
}

/** Why events of these rules do not get into the log group; empty: they do. */
export function policyFaults(
  documents: readonly string[],
  { groupArn, rules, source }: Bound,
): readonly string[] {
  const stream = `${groupArn}:log-stream:any`;
  const statements = documents.flatMap(statementsIn).filter(({ Resource }) => covers(Resource, stream));
  const may = (write: Write): boolean => isAllowed(statements, write, source.account);
  const mayPut = (service: Write['service'], ruleArn: string) => may({ service, action: PUT, ruleArn });

  const known = WRITERS.filter(
    (service) => may({ service, action: CREATE }) || rules.some(({ arn }) => mayPut(service, arn)),
  );
  if (known.length === 0) return ['no Logs resource policy lets EventBridge write to the log group'];
  const strangers = WRITERS.filter((service) => !known.includes(service));
  const withoutStream = known.filter((service) => !may({ service, action: CREATE }));
  const shutOut = rules.filter(({ arn }) => known.some((service) => !mayPut(service, arn)));
  return [
    ...strangers.map((service) => `no Logs resource policy lets ${service} write to the log group`),
    ...withoutStream.map(
      (service) => `${service} may not ${CREATE}, where a condition on aws:SourceArn never holds`,
    ),
    ...shutOut.map(({ name }) => `rule ${name} may not ${PUT}`),
  ];
}

/** The policy of the template. */
export function policyFor({
  groupArn,
  rules,
  policyRuleArns,
}: Pick<Expected, 'groupArn' | 'rules' | 'policyRuleArns'>): string {
  const writer = { Effect: 'Allow', Principal: { Service: WRITERS } };
  const ruleArns = new Set([...policyRuleArns, ...rules.map(({ arn }) => arn)]);
  const sources = { ArnEquals: { 'aws:SourceArn': [...ruleArns] } };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Sid: 'GuardRelayCreateStream', ...writer, Action: CREATE, Resource: `${groupArn}:*` },
      { Sid: 'GuardRelayPutEvents', ...writer, Action: PUT, Resource: `${groupArn}:*:*`, Condition: sources },
    ],
  });
}

function statementsIn(document: string): readonly Statement[] {
  const all = policyDocument.safeParse(parsedJson(document)).data?.Statement ?? [];
  return all.flatMap((one) => statement.safeParse(one).data ?? []);
}

/** A denial with a condition may not concern us: the heartbeat tells. */
function isAllowed(statements: readonly Statement[], write: Write, account: string): boolean {
  const concerning = statements.filter((each) => concerns(each, write));
  const denied = concerning.some(({ Effect, Condition }) => Effect === 'Deny' && isEmpty(Condition));
  return !denied && concerning.some((each) => each.Effect === 'Allow' && holds(each, write, account));
}

function concerns({ Principal, Action }: Statement, { service, action }: Write): boolean {
  return (Principal === '*' || Principal.Service.includes(service)) && covers(Action, action);
}

function isEmpty(condition: Statement['Condition']): boolean {
  return Object.keys(condition).length === 0;
}

const EQUALITY = /^(Arn|String)(Equals|Like)$/;

function holds({ Condition }: Statement, { ruleArn }: Write, account: string): boolean {
  const context = new Map([
    ['aws:sourceaccount', account],
    ['aws:sourcearn', ruleArn],
  ]);
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const actual = context.get(key.toLowerCase());
      return EQUALITY.test(operator) && actual !== undefined && covers(wanted, actual);
    }),
  );
}

/** `*` stands for any text, `?` for any one character; actions know no case. */
function covers(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => {
    const expression = RegExp.escape(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.');
    return new RegExp(`^${expression}$`, 'is').test(text);
  });
}
