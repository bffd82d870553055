import t from 'tap';

import { memberStatus } from '../../agent/model/member-status.ts';

t.test('what AWS says of a member is understood in every way that it is written', (t) => {
  const rows = [
    { status: 'created', texts: ['Created', 'CREATED', 'Invite'] },
    { status: 'invited', texts: ['Invited', 'INVITED', 'Pending', 'EmailVerificationInProgress'] },
    { status: 'enabled', texts: ['Enabled', 'ENABLED', 'enabled', 'Monitored'] },
    { status: 'paused', texts: ['Disabled', 'DISABLED', 'Paused'] },
    { status: 'resigned', texts: ['Resigned', 'RESIGNED'] },
    { status: 'removed', texts: ['Removed', 'REMOVED', 'Deleted'] },
    { status: 'failed', texts: ['EmailVerificationFailed', 'EMAILVERIFICATIONFAILED'] },
    { status: 'unavailable', texts: ['AccountSuspended', 'RegionDisabled'] },
    { status: 'unknown', texts: ['', 'Reinstated', 'toString', 'Enabled '] },
  ];

  for (const { status, texts } of rows) {
    for (const text of texts) t.equal(memberStatus(text), status, text);
  }
  t.end();
});
