import t from 'tap';

import { ACCOUNT } from '../support/local-aws.ts';
import { evaluateTemplate } from '../support/templates.ts';

const declared = { Type: 'Number', MinValue: 1, MaxValue: 9, Default: 5 };
const constraints = [
  { declaration: { Type: 'String' }, given: undefined, text: 'Parameters: [P] must have values' },
  { declaration: declared, given: 'many', text: "Parameter 'P' must be a number" },
  { declaration: declared, given: '0', text: "Parameter 'P' must be a number not less than 1" },
  { declaration: declared, given: '10', text: "Parameter 'P' must be a number not greater than 9" },
  { declaration: { Type: 'String', MinLength: 2 }, given: 'x', text: /at least 2 characters/ },
  { declaration: { Type: 'String', MaxLength: 2 }, given: 'xxx', text: /at most 2 characters/ },
  { declaration: { Type: 'String', AllowedValues: ['a'] }, given: 'b', text: /must be one of AllowedValues/ },
  { declaration: { Type: 'String', AllowedPattern: 'a|b' }, given: 'ab', text: /must match pattern a\|b/ },
  {
    declaration: { Type: 'String', AllowedPattern: 'a', ConstraintDescription: 'just an a' },
    given: 'b',
    text: 'Parameter P failed to satisfy constraint: just an a',
  },
];
for (const { declaration, given, text } of constraints) {
  t.test(`a parameter is checked: ${text}`, (t) => {
    const body = JSON.stringify({
      Parameters: { P: declaration },
      Resources: { A: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: { Ref: 'P' } } } },
    });

    t.throws(() => evaluateTemplate(body, given === undefined ? {} : { P: given }), { message: text });
    t.throws(() => evaluateTemplate(body, { P: '5', Q: '1' }), {
      message: 'Parameters: [Q] do not exist in the template',
    });
    t.end();
  });
}

t.test('functions resolve as on AWS', (t) => {
  const expressions = {
    Ref: ['!Ref Word', 'word'],
    Number: [`!Sub "\${Count} minutes"`, '5 minutes'],
    Sub: [`!Sub "\${AWS::Region}/\${!Literal}/\${Word}/\${A.Arn}"`, `eu-central-1/\${Literal}/word/<A.Arn>`],
    SubWithMap: [`!Sub ["\${X}-\${Word}", {X: !Ref A}]`, '<A>-word'],
    If: ['!If [IsFive, yes-five, no-five]', 'yes-five'],
    Nested: ['!If [Not5, a, !If [Both, b, c]]', 'b'],
    Join: ['!Join ["-", [a, !Ref AWS::NoValue, !Ref Word]]', 'a-word'],
    Select: ['!Select [1, !Split [",", "x,y,z"]]', 'y'],
    SelectOfList: ['!Select [1, !Ref List]', 'two'],
    FindInMap: ['!FindInMap [Sizes, !Ref AWS::Region, small]', '1'],
    Partition: [
      `!Sub "\${AWS::Partition} \${AWS::AccountId} \${AWS::URLSuffix}"`,
      `aws ${ACCOUNT} amazonaws.com`,
    ],
    Stack: [`!Sub "\${AWS::StackName} \${AWS::StackId}"`, 'stack stack-id'],
  };
  const names = Object.keys(expressions);
  const body = [
    'Parameters:',
    '  Word: {Type: String, Default: word}',
    '  Count: {Type: Number, Default: 5}',
    '  List: {Type: CommaDelimitedList, Default: "one, two"}',
    'Mappings: {Sizes: {eu-central-1: {small: 1}}}',
    'Conditions:',
    '  IsFive: !Equals [!Ref Count, "5"]',
    '  Not5: !Not [!Condition IsFive]',
    '  Both: !And [!Condition IsFive, !Or [!Condition Not5, !Equals [a, a]]]',
    'Resources:',
    '  A: {Type: AWS::Logs::LogGroup, Properties: {Gone: !Ref AWS::NoValue, List: [1, !If [Not5, 2, !Ref AWS::NoValue]]}}',
    '  B: {Type: AWS::Logs::LogGroup, Condition: Not5}',
    'Outputs:',
    ...Object.entries(expressions).map(([name, [expression]]) => `  ${name}: {Value: ${expression}}`),
    '  Absent: {Value: x, Condition: Not5}',
  ].join('\n');

  const { resources, outputs } = evaluateTemplate(body);

  t.same([...resources], [['A', { type: 'AWS::Logs::LogGroup', properties: { List: [1] } }]]);
  t.same(
    Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
    Object.fromEntries(names.map((name, index) => [name, Object.values(expressions)[index]?.[1]])),
  );
  t.end();
});
