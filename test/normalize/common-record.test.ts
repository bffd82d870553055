import t from 'tap';

import { generatedEvents } from '../support/finding-generator.ts';
import { wholeFinding } from '../support/finding-shape.ts';
import { plausible } from '../support/finding-values.ts';
import { enveloped, recordOf, recordsOf } from '../support/log-events.ts';

t.test('every generated event is a record with its text, an account, a region and a time', (t) => {
  for (const { name, text } of generatedEvents()) {
    for (const record of recordsOf(text)) {
      t.match(record, { raw: text, account: /./, region: /./, partition: /./ }, name);
      t.ok(record.time > 0, name);
    }
  }
  t.end();
});

t.test('a whole finding is the same in SDK names as in wire names', (t) => {
  const wire = recordOf(enveloped(wholeFinding(plausible)));

  const sdk = recordOf(enveloped(wholeFinding(plausible, 'sdk')));

  t.same('detail' in sdk && sdk.detail, 'detail' in wire && wire.detail);
  t.same(sdk.kind === 'finding' && sdk.finding, wire.kind === 'finding' && wire.finding);
  t.end();
});
