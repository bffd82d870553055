import t from 'tap';

import { createSyslogEncoder } from '../../agent/ship/wire/syslog-encoder.ts';
import { recordNamed, rendered } from '../support/ship-records.ts';

t.test('without framing a record is the messages themselves, each apart', async (t) => {
  const encode = createSyslogEncoder(
    { header: 'none', hostname: '{agent}', facility: 13, framing: 'none', maxMessageBytes: 2_048 },
    { agentId: 'relay-1', render: () => rendered('one', '\u{1D11E}two', '\u20ac'.repeat(1_000)) },
  );

  const { bytes, parts = [] } = encode(recordNamed('r1'));

  t.same(parts.map(String), ['one', '\u{1D11E}two', '\u20ac'.repeat(682)]);
  t.ok(Buffer.concat(parts).equals(bytes));
});
