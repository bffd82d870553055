import t from 'tap';

import { startAccount } from './support/account.ts';
import { makeFindings } from './support/findings.ts';
import { textOf } from './support/message.ts';
import { LISTENERS } from './support/rsyslogd.ts';
import { openStage } from './support/stage.ts';

t.test('findings reach rsyslogd byte for byte, once, over TCP and both TLS drivers', async (t) => {
  const stage = await openStage();
  t.teardown(stage.close);
  const account = await startAccount();
  t.teardown(account.close);
  const findings = makeFindings(500);
  await account.write(findings);
  const agent = await stage.agentFor(
    account.scene,
    LISTENERS.map((listener) => stage.syslog(listener)),
  );

  const ran = await agent.run('run', '--once');

  t.equal(ran.code, 0, 'run --once succeeds', { stderr: ran.stderr });
  const sent = findings.map(({ message }) => message).sort();
  for (const listener of LISTENERS) {
    const lines = await stage.rsyslogd.lines(listener);
    t.same(lines.map(textOf).sort(), sent, listener);
  }
});

t.test('a second run finds nothing to send again', async (t) => {
  const stage = await openStage();
  t.teardown(stage.close);
  const account = await startAccount();
  t.teardown(account.close);
  await account.write(makeFindings(50));
  const agent = await stage.agentFor(account.scene, [stage.syslog('tcp')]);
  await agent.run('run', '--once');
  const before = await stage.rsyslogd.lines('tcp');

  const again = await agent.run('run', '--once');

  t.equal(again.code, 0, 'run --once succeeds', { stderr: again.stderr });
  t.same(await stage.rsyslogd.lines('tcp'), before);
  t.equal(before.length, 50);
});
