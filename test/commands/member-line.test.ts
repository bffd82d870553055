import t from 'tap';

import { memberLine } from '../../agent/commands/status/member-line.ts';
import type { MemberFacts } from '../../agent/model/member-facts.ts';
import { memberStatus } from '../../agent/model/member-status.ts';

function member(account: string, text: string, region = 'eu-west-1'): MemberFacts {
  return {
    customer: 'acme',
    administrator: '111111111111',
    region,
    account,
    text,
    status: memberStatus(text),
  };
}

t.test('members that need attention stand in one line, the worst of each', (t) => {
  const many = ['1', '2', '3', '4', '5'].map((digit) => member(digit.repeat(12), 'Disabled'));
  const rows: readonly [members: readonly MemberFacts[], line: string][] = [
    [[], ''],
    [
      [member('222222222222', 'Resigned')],
      '1 member needs attention: 222222222222 resigned (eu-west-1). guardrelay accounts status\n',
    ],
    [
      [
        member('222222222222', 'Invited'),
        member('222222222222', 'EmailVerificationFailed', 'us-east-1'),
        member('222222222222', 'EmailVerificationFailed', 'us-east-2'),
        member('333333333333', 'Removed'),
      ],
      '2 members need attention: 222222222222 e-mail not verified (2 regions), 333333333333 removed (eu-west-1). guardrelay accounts status\n',
    ],
    [
      many,
      '5 members need attention: 111111111111 paused (eu-west-1), 222222222222 paused (eu-west-1), 333333333333 paused (eu-west-1), 2 more. guardrelay accounts status\n',
    ],
  ];

  for (const [members, line] of rows) t.equal(memberLine(members), line);
  t.end();
});
